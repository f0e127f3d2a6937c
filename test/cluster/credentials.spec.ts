import { createPrivateKey, type JsonWebKey } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import jwt from "jsonwebtoken";
import { AckPolicy, DeliverPolicy } from "nats";
import pg from "pg";
import { newId } from "../../lib/ids.ts";
import type { Node } from "../../node/broker.ts";
import { STREAM } from "../../node/jetstream-bus.ts";
import type { KeyRing } from "../../node/key-ring.ts";
import { readEnvironment } from "../../node/environment.ts";
import { loadSecrets } from "../../node/secrets.ts";
import { ACCESS_AUDIENCE, ISSUER, Tokens } from "../../node/tokens.ts";
import { startGuardedCluster, type GuardedCluster, type Intruder } from "./support.ts";

let cluster: GuardedCluster, payment: Node, edge: Node, order: KeyRing;

beforeAll(async () => {
  cluster = await startGuardedCluster([["order"], ["payment"], ["report"], ["auth", "entity", "api"]]);
  [payment, , edge] = await Promise.all([cluster.start(["payment"]), cluster.start(["report"]), cluster.start(["auth", "entity", "api"])]);
  await edge.broker.waitForServices("payment", 10_000, 50);
  order = cluster.ring("order");
});
afterAll(() => cluster.stop());

/** What the server refused of it. */
async function tried(deed: (intruder: Intruder) => unknown): Promise<string[]> {
  const intruder = await cluster.intruder("order");
  await deed(intruder);
  return intruder.refused();
}

describe("what order's NATS user may not hear", () => {
  const deaf = (subject: string) => it(subject, async () => {
    expect(await tried(({ connection }) => connection.subscribe(subject))).toEqual([`subscribe ${subject}`]);
  });
  deaf("MOL-beaveros.REQ.payment.any");
  deaf("MOL-beaveros.REQ.payment.>");
  deaf("MOL-beaveros.REQ.*.*");
  deaf("MOL-beaveros.REQ.>");
  deaf("MOL-beaveros.RES.payment.any");
  deaf("MOL-beaveros.>");
  deaf("beaveros.events.>");
  deaf("beaveros.events.order.completed");
  deaf("_INBOX_payment.>");
  deaf("$JS.>");
  deaf(">");

  it("and by no wildcard what others are asked", async () => {
    const { connection } = await cluster.intruder("order"), heard: string[] = [];
    for (const subject of ["MOL-beaveros.>", "MOL-beaveros.REQ.*.>", "beaveros.>"]) connection.subscribe(subject, { callback: (error, message) => { if (!error) heard.push(message.subject); } });
    await connection.flush();
    await edge.broker.call("payment.verify", {}, { meta: { token: edge.platform.tokens.forService("api", newId()) } });
    await connection.flush();
    expect(heard).toEqual([]);
  });

  it("and a node's own request subject it hears", async () => {
    expect(await tried(({ connection }) => connection.subscribe("MOL-beaveros.REQ.order.any"))).toEqual([]);
  });
});

describe("what order's NATS user may not say", () => {
  const dumb = (subject: string) => it(subject, async () => {
    expect(await tried(({ connection }) => connection.publish(subject, "{}"))).toEqual([`publish ${subject}`]);
  });
  dumb("beaveros.events.payment.captured");
  dumb("beaveros.events.catalog.stockMoved");
  dumb("beaveros.events");
  dumb("_INBOX_payment.x");
  dumb("MOL-beaveros.EVENT.payment.x");
  dumb(`$JS.API.STREAM.CREATE.OTHER`);
  dumb(`$JS.API.STREAM.UPDATE.${STREAM}`);
  dumb(`$JS.API.STREAM.PURGE.${STREAM}`);
  dumb(`$JS.API.STREAM.DELETE.${STREAM}`);
  dumb(`$JS.API.STREAM.MSG.GET.${STREAM}`);
  dumb(`$JS.API.STREAM.MSG.DELETE.${STREAM}`);
  dumb(`$JS.API.DIRECT.GET.${STREAM}`);
  dumb(`$JS.API.CONSUMER.MSG.NEXT.${STREAM}.report`);
  dumb(`$JS.API.CONSUMER.DURABLE.CREATE.${STREAM}.report`);
  dumb(`$JS.API.CONSUMER.CREATE.${STREAM}.report`);
  dumb(`$JS.API.CONSUMER.CREATE.${STREAM}`);
  dumb(`$JS.API.CONSUMER.DELETE.${STREAM}.order`);
  dumb(`$JS.API.CONSUMER.INFO.${STREAM}.report`);
  dumb(`$JS.ACK.${STREAM}.report.1.1.1.1.1`);
  dumb("$SYS.REQ.SERVER.PING");

  it("and an event of its own it tells", async () => {
    expect(await tried(({ connection }) => connection.publish("beaveros.events.order.unheardOf", "{}"))).toEqual([]);
  });
});

describe("streams and consumers", () => {
  it("refuses to replace the stream's settings by creating it again", async () => {
    const { connection } = await cluster.intruder("order");
    const manager = await connection.jetstreamManager({ checkAPI: false });
    await expect(manager.streams.add({ name: STREAM, subjects: ["beaveros.events.>"], max_msgs: 1 })).rejects.toThrow(/already in use/);
  });

  it("refuses a stream of a second name over the same subjects", async () => {
    const { connection } = await cluster.intruder("order");
    const manager = await connection.jetstreamManager({ checkAPI: false, timeout: 500 });
    await expect(manager.streams.add({ name: "OTHER", subjects: ["other.>"] })).rejects.toThrow();
    const names = await (await (await cluster.operator()).jetstreamManager()).streams.names().next();
    expect(names).toEqual([STREAM]);
  });

  it("tells no event of another service by way of a consumer's deliveries", async () => {
    const { connection } = await cluster.intruder("order"), operator = await cluster.operator();
    const target = "beaveros.events.payment.captured";
    const heard: string[] = [];
    operator.subscribe(target, { callback: (_, message) => heard.push(message.string()) });
    await operator.flush();
    const manager = await connection.jetstreamManager({ checkAPI: false });
    await expect(manager.consumers.add(STREAM, { durable_name: "order", ack_policy: AckPolicy.None, deliver_policy: DeliverPolicy.All, filter_subject: "beaveros.events.order.>", deliver_subject: target })).rejects.toThrow(/cycle/);
    expect(heard).toEqual([]);
  });
});

describe("PostgreSQL", () => {
  async function logIn(user: string, password: string): Promise<pg.Client> {
    const url = new URL(cluster.databaseUrl);
    url.username = user;
    url.password = password;
    const client = new pg.Client({ connectionString: url.href });
    await client.connect();
    return client;
  }
  const passwordOf = (role: string) => Buffer.from(order.derived[`database-role:${role}`]!, "base64").toString("base64url");

  it("has no password of another service's role in the ring", () => {
    expect(Object.keys(order.derived).filter((purpose) => purpose.startsWith("database-role:"))).toEqual(["database-role:beaver_order", "database-role:beaver_order_worker"]);
  });

  it.each(["beaver_payment", "beaver_payment_worker", "beaver_report", "postgres"])("refuses order's passwords to %s", async (role) => {
    await expect(logIn(role, passwordOf("beaver_order"))).rejects.toMatchObject({ code: "28P01" });
    await expect(logIn(role, passwordOf("beaver_order_worker"))).rejects.toMatchObject({ code: "28P01" });
  });

  it.each(["beaver_order", "beaver_order_worker"])("lets %s into its own schema and into no other", async (role) => {
    const client = await logIn(role, passwordOf(role));
    expect((await client.query(`SELECT count(*) AS n FROM "order".saga`)).rows).toEqual([{ n: "0" }]);
    for (const statement of ["SELECT * FROM payment.payment", "INSERT INTO payment.outbox (id, type, subject, data) VALUES (gen_random_uuid(), 'payment.captured', 'x', '{}')", "SET ROLE beaver_payment", "CREATE SCHEMA mine", "CREATE TABLE public.mine ()"])
      await expect(client.query(statement)).rejects.toMatchObject({ code: "42501" });
    await client.end();
  });
});

describe("access tokens", () => {
  const tenantId = newId(), claims = { tid: tenantId, perms: ["*"], stores: [], sid: newId() };
  const options = { issuer: ISSUER, audience: ACCESS_AUDIENCE, subject: newId(), expiresIn: 900 };
  const orderKey = () => createPrivateKey({ key: order.serviceKeys.order as JsonWebKey, format: "jwk" });
  const statusWith = async (token: string) => (await fetch(`http://127.0.0.1:${portOf(edge)}/v1/me`, { headers: { authorization: `Bearer ${token}` } })).status;
  const keyId = () => edge.platform.tokens.publicKey().kid!;

  it("are not signed by a node without auth", () => {
    const environment = readEnvironment(cluster.variables(["order"]));
    expect(order.accessPrivateKey).toBeUndefined();
    expect(() => new Tokens(loadSecrets(environment)).signAccess({ tenantId, userId: newId(), sessionId: newId(), permissions: ["*"], storeIds: [] })).toThrow(/where auth runs/);
  });

  it("are refused by the edge when order's key signed them", async () => {
    expect(await statusWith(jwt.sign(claims, orderKey(), { ...options, algorithm: "ES256", keyid: keyId() }))).toBe(401);
    expect(await statusWith(jwt.sign(claims, orderKey(), { ...options, algorithm: "ES256", keyid: "service:order" }))).toBe(401);
    expect(await statusWith(jwt.sign(claims, order.accessPublicKey, { ...options, algorithm: "HS256", keyid: keyId(), allowInvalidAsymmetricKeyTypes: true } as jwt.SignOptions))).toBe(401);
    expect(await statusWith(jwt.sign(claims, "", { ...options, algorithm: "none", keyid: keyId() } as jwt.SignOptions))).toBe(401);
  });

  it("are no service's own tokens: the edge refuses those", async () => {
    const tokens = new Tokens(loadSecrets(readEnvironment(cluster.variables(["order"]))));
    expect(await statusWith(tokens.forService("order", tenantId))).toBe(401);
    expect(payment.platform.tokens.verify(tokens.forService("order", tenantId))).toMatchObject({ service: "order", tenantId });
  });

  it("do not let order speak as payment", () => {
    const tokens = new Tokens(loadSecrets(readEnvironment(cluster.variables(["order"]))));
    expect(() => tokens.forService("payment", tenantId)).toThrow(/no key of payment/);
    const forged = jwt.sign({ tid: tenantId, perms: ["*"] }, orderKey(), { algorithm: "ES256", issuer: ISSUER, audience: "beaveros-bus", subject: "service:payment", expiresIn: 300, keyid: "service:payment" });
    expect(payment.platform.tokens.verify(forged)).toBeUndefined();
    const mixed = jwt.sign({ tid: tenantId, perms: ["*"] }, orderKey(), { algorithm: "ES256", issuer: ISSUER, audience: "beaveros-bus", subject: "service:payment", expiresIn: 300, keyid: "service:order" });
    expect(payment.platform.tokens.verify(mixed)).toBeUndefined();
  });
});

function portOf(node: Node): number {
  return (node.broker.getLocalService("api") as unknown as { server: { address(): { port: number } } }).server.address().port;
}

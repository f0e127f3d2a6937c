import { createPrivateKey, type JsonWebKey } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import jwt from "jsonwebtoken";
import type { Context, ServiceBroker, ServiceSchema } from "moleculer";
import pg from "pg";
import { newId } from "../../lib/ids.ts";
import { call, type Ctx, type Meta } from "../../mixins/call.ts";
import type { Node } from "../../node/broker.ts";
import { CLUSTER_VERSION, type Introduction } from "../../node/introduction.ts";
import { startGuardedCluster, startRogue, type GuardedCluster } from "./support.ts";
import { until } from "../support/until.ts";

let cluster: GuardedCluster, payment: Node, edge: Node;
const rogues: ServiceBroker[] = [];

beforeAll(async () => {
  cluster = await startGuardedCluster([["order"], ["payment"], ["report"], ["auth", "entity", "api"]]);
  [payment, , edge] = await Promise.all([cluster.start(["payment"]), cluster.start(["report"]), cluster.start(["auth", "entity", "api"])]);
  await edge.broker.waitForServices(["payment", "report"], 10_000, 50);
});
afterAll(async () => {
  await Promise.all(rogues.map((rogue) => rogue.stop()));
  await cluster.stop();
});

/** Nodes with these services, as the node sees them. */
const known = (node: Node, service: string): string[] =>
  (node.broker.registry as unknown as { services: { services: { name: string; node: { id: string } }[] } }).services.services.filter(({ name }) => name === service).map((found) => found.node.id);
const orderProof = (subject: string) => jwt.sign({}, createPrivateKey({ key: cluster.ring("order").serviceKeys.order as JsonWebKey, format: "jwk" }), { algorithm: "ES256", audience: "beaveros-node", subject, keyid: "order" });

async function rogue(nodeID: string, services: ServiceSchema[], metadata: object): Promise<ServiceBroker> {
  const broker = await startRogue(cluster, "order", {
    nodeID, metadata, created(created: ServiceBroker) { for (const service of services) created.createService(service); },
  });
  rogues.push(broker);
  // A round of heartbeats, which makes the others ask who it is.
  await new Promise((wake) => setTimeout(wake, 1_700));
  return broker;
}

/** Answers what it is asked, and remembers it. */
function pretender(name: string, action: string, heard: unknown[]): ServiceSchema {
  return { name, actions: { [action]: { handler: (ctx: Context) => { heard.push(ctx.meta); return { checks: [] }; } } } } as unknown as ServiceSchema;
}

interface Coding { PROTOCOL_VERSION: string; serializer: { serialize(payload: object, type: string): Buffer; deserialize(data: Buffer, type: string): object } }
/** A packet as Moleculer writes it, from whomever. */
function packet(type: string, sender: string, payload: object): Buffer {
  const { serializer, PROTOCOL_VERSION: ver } = rogues[0]! as unknown as Coding;
  return serializer.serialize({ ver, sender, ...payload }, type);
}

const contextOf = (node: Node, meta: Meta): Ctx => node.broker.ContextFactory.create(node.broker, null as never, {}, { meta } as never) as unknown as Ctx;

const verifyPayments = (tenantId = newId()) => edge.broker.call("payment.verify", {}, { meta: { token: edge.platform.tokens.forService("api", tenantId) } });

describe("a node that says who it is", () => {
  it("is let in when it proves it", async () => {
    await rogue("order.honest", [pretender("order", "verify", [])], { clusterVersion: CLUSTER_VERSION, proofs: { order: orderProof("order.honest") } });
    expect(known(edge, "order")).toEqual(["order.honest"]);
  });

  it("is not called as payment with order's key", async () => {
    const heard: unknown[] = [];
    await rogue("order.as-payment", [pretender("payment", "verify", heard)], { clusterVersion: CLUSTER_VERSION, proofs: { payment: orderProof("order.as-payment") } });
    expect(known(edge, "payment")).toEqual([payment.broker.nodeID]);
    for (let call = 0; call < 6; call++) await verifyPayments();
    expect(heard).toEqual([]);
  });

  it("is not called as payment with the proof of another node", async () => {
    const heard: unknown[] = [];
    const told = payment.broker.getLocalNodeInfo() as unknown as Introduction;
    const seen = (edge.broker.registry as unknown as { nodes: { get(id: string): { metadata: Introduction["metadata"] } } }).nodes.get(payment.broker.nodeID).metadata!;
    expect(told.services.map(({ name }) => name)).toEqual(["payment"]);
    await rogue("order.replays", [pretender("payment", "verify", heard)], seen);
    expect(known(edge, "payment")).toEqual([payment.broker.nodeID]);
    for (let call = 0; call < 6; call++) await verifyPayments();
    expect(heard).toEqual([]);
  });

  it("does not smuggle an action of payment into a service that it may offer", async () => {
    const heard: unknown[] = [];
    const schema = pretender("order", "verify", heard) as { actions: Record<string, { name?: string }> };
    schema.actions.verify!.name = "payment.verify";
    await rogue("order.smuggles", [{ ...schema, settings: { $noServiceNamePrefix: true } } as unknown as ServiceSchema], { clusterVersion: CLUSTER_VERSION, proofs: { order: orderProof("order.smuggles") } });
    for (let call = 0; call < 6; call++) await verifyPayments();
    expect(heard).toEqual([]);
    expect(known(edge, "order")).not.toContain("order.smuggles");
  });

  it("does not end another by taking its name", async () => {
    const { connection } = await cluster.intruder("order");
    connection.publish(`MOL-beaveros.INFO.${payment.broker.nodeID}`, packet("INFO", payment.broker.nodeID, { ...(payment.broker.getLocalNodeInfo() as object), instanceID: newId(), services: [] }));
    await connection.flush();
    await new Promise((wake) => setTimeout(wake, 200));
    expect(await verifyPayments()).toMatchObject({ checks: expect.any(Array) });
    expect(payment.broker.started).toBe(true);
  });
});

describe("a raw request", () => {
  const ask = (rogueBroker: ServiceBroker, action: string, params: object, meta: object) => rogueBroker.call(action, params, { meta, nodeID: payment.broker.nodeID } as never);
  const tenantId = newId();

  it.each([
    ["no meta", {}],
    ["user, tenant and roles as Moleculer's users write them", { user: { id: newId(), roles: ["owner"], tenantId }, tenantId, roles: ["*"], permissions: ["*"] }],
    ["an identity as ours is kept", { identity: { tenantId, actorId: "service:order", permissions: ["*"], storeIds: [], service: "order", expiresAt: 9e15 }, locals: { identity: { tenantId, permissions: ["*"] } } }],
    ["a token that nobody signed", { token: jwt.sign({ tid: tenantId, perms: ["*"] }, "guess", { issuer: "beaveros", audience: "beaveros-api", subject: newId(), expiresIn: 60 }) }],
  ])("with %s is refused", async (_, meta) => {
    for (const action of ["payment.verify", "payment.listPayments"]) await expect(ask(rogues[0]!, action, {}, meta)).rejects.toMatchObject({ type: "unauthenticated", code: 401 });
  });

  it("of order on its own account gets what services may ask, and no more", async () => {
    const key = createPrivateKey({ key: cluster.ring("order").serviceKeys.order as JsonWebKey, format: "jwk" });
    const token = jwt.sign({ tid: tenantId, perms: ["*"] }, key, { algorithm: "ES256", issuer: "beaveros", audience: "beaveros-bus", subject: "service:order", expiresIn: 300, keyid: "service:order" });
    expect(await ask(rogues[0]!, "payment.verify", {}, { token })).toMatchObject({ checks: expect.any(Array) });
    await expect(ask(rogues[0]!, "payment.listPayments", {}, { token })).rejects.toMatchObject({ type: "forbidden", code: 403 });
    await expect(rogues[0]!.call("auth.createApiKey", { name: "back door", permissions: ["*"] }, { meta: { token } })).rejects.toMatchObject({ type: "forbidden", code: 403 });
  });

  it.each(["$node.options", "$node.list", "$node.services", "$node.actions", "$node.events", "$node.health", "$node.metrics", "api.rest"])("for %s finds nobody", async (action) => {
    expect(await answerTo(action)).toMatchObject({ success: false, error: { type: "SERVICE_NOT_FOUND" } });
  });

  it("that is junk leaves the node as it was", async () => {
    const { connection } = await cluster.intruder("order");
    for (const packet of ["REQ", "RES", "INFO"]) for (const junk of [Buffer.from("junk"), Buffer.alloc(0), Buffer.from([0xf6]), Buffer.from([0xa0])]) connection.publish(`MOL-beaveros.${packet}.${payment.broker.nodeID}`, junk);
    await connection.flush();
    expect(await verifyPayments()).toMatchObject({ checks: expect.any(Array) });
  });

  async function answerTo(action: string): Promise<unknown> {
    const { connection } = await cluster.intruder("order"), { serializer } = rogues[0]! as unknown as Coding;
    const answered = new Promise((resolve) => { connection.subscribe("MOL-beaveros.RES.order.raw", { max: 1, callback: (_, message) => resolve(serializer.deserialize(Buffer.from(message.data), "RES")) }); });
    const asked = action.startsWith("api.") ? edge : payment;
    connection.publish(`MOL-beaveros.REQ.${asked.broker.nodeID}`, packet("REQ", "order.raw", { id: newId(), action, params: {}, meta: { user: { id: 1 }, roles: ["*"] }, headers: {}, level: 1 }));
    return answered;
  }
});

describe("a callee", () => {
  it("does not change who its caller is, whatever it tells beside its answer", async () => {
    const token = edge.platform.tokens.forService("api", newId()), meta: Meta = { token, requestId: "request-1" };
    const turncoat = { name: "order", actions: { figures: { handler: (ctx: Ctx) => {
      Object.assign(ctx.meta, { token: "of another", tenantId: newId(), idempotency: { key: "k", hash: "h" }, replayed: true, constructor: "x" });
      return { orders: 1 };
    } } } } as unknown as ServiceSchema;
    await rogues.shift()!.stop(); // the only other that offers order
    await rogue("order.turncoat", [turncoat], { clusterVersion: CLUSTER_VERSION, proofs: { order: orderProof("order.turncoat") } });
    const ctx = contextOf(edge, { ...meta });
    expect(await call(ctx, "order.figures", {})).toEqual({ orders: 1 });
    expect(ctx.meta).toEqual(meta);
    // As the edge calls: what the callee says of its answer is read, and nothing else.
    const child = contextOf(edge, { ...meta });
    await edge.broker.call("order.figures", {}, { ctx: child } as never);
    expect(child.meta).toEqual({ ...meta, replayed: true });
  });
});

describe("an event", () => {
  it("under order's subject that says it is payment's is not applied, and lies in dead_letter", async () => {
    const { connection } = await cluster.intruder("order"), tenantid = newId();
    const event = { specversion: "1.0", id: newId(), source: "/beaveros/payment", type: "payment.captured", subject: newId(), time: new Date().toISOString(), tenantid, data: {} };
    connection.publish("beaveros.events.order.completed", JSON.stringify(event));
    await connection.flush();
    const client = new pg.Client({ connectionString: cluster.databaseUrl });
    await client.connect();
    const letters = async () => (await client.query("SELECT type, reason FROM report.dead_letter")).rows;
    await until(async () => (await letters()).length > 0);
    expect(await letters()).toEqual([{ type: "unreadable", reason: "it came as beaveros.events.order.completed and says that it is payment.captured" }]);
    expect((await client.query("SELECT 1 FROM report.inbox")).rowCount).toBe(0);
    await client.end();
  });
});

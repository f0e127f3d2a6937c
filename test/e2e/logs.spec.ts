import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import pg from "pg";
import { runningDatabase } from "../../node/running-database.ts";
import { Client } from "../../scripts/client.ts";
import { logLines, type LogLine } from "../support/log-lines.ts";
import { startProcess, type PlatformProcess } from "../support/process.ts";
import { startRudeMailServer } from "../support/rude-mail-server.ts";
import { cardSale, cashSale, stockedShop, type Shop } from "../support/shop.ts";
import { until } from "../support/until.ts";

/* What each client sends that must stand in no log, at whatever level. The process is the real one, with everything that can go wrong going wrong. */
const SECRETS = {
  password: "canary passphrase one", wrongPassword: "canary passphrase two", email: "canary.person@canary.example", unknownEmail: "canary.nobody@canary.example", phone: "+49 151 90807060",
  customer: "Canarina Birdwhistle", user: "Canaro Featherstone", card: "4242424242424242", declined: "4000000000000002", smtpPassword: "canary-smtp-password", cookie: "canary-cookie-value",
  bearer: "canary.bearer.credential", inPath: "canary-in-path", inQuery: "canary-in-query", inBody: "canary-in-a-broken-body",
};
const TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";

const dataDir = mkdtempSync(join(tmpdir(), "beaveros-logs-"));
let running: PlatformProcess, mail: Awaited<ReturnType<typeof startRudeMailServer>>, database: pg.Client, shop: Shop, me: Record<string, any>;
const given: string[] = Object.values(SECRETS); // and what the platform gives out

beforeAll(async () => {
  mail = await startRudeMailServer();
  running = await startProcess({ dataDir, variables: {
    LOG_LEVEL: "trace", FAILPOINT: "payment.capture:before:throw", SMTP_URL: `smtp://${encodeURIComponent("canary.mailbox@canary.example")}:${SECRETS.smtpPassword}@127.0.0.1:${mail.port}?ignoreTLS=true`,
  } });
  shop = await stockedShop(running.base, { stock: { "MUG-RED": 50, LOW: 6 } });
  me = await shop.client.get("/v1/me");
  const url = runningDatabase(dataDir)!;
  database = new pg.Client({ connectionString: url });
  await database.connect();
  given.push(shop.client.token!, new URL(url).password, readFileSync(join(dataDir, "secrets", "data-encryption-key"), "utf8").trim());
}, 120_000);
afterAll(async () => {
  await database.end();
  await running.terminate();
  mail.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

const send = (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) => shop.client.send(method, path, body, headers).then(({ status }) => status, ({ status }: { status: number }) => status);
const lines = () => logLines(running.output());
const linesOf = (requestId: string): LogLine[] => lines().filter((line) => line.requestId === requestId);

describe("no secret and nobody's data stands in the log of a real process at level trace", () => {
  it("of requests that succeed", async () => {
    const key = await shop.client.post("/v1/api-keys", { name: SECRETS.user, permissions: ["order.orders.read"] });
    const user = await shop.client.post("/v1/users", { name: SECRETS.user, email: SECRETS.email, password: SECRETS.password });
    const login = await new Client(running.base).post("/v1/auth/login", { email: SECRETS.email, password: SECRETS.password, tenant: me.tenant.slug });
    given.push(key.secret, login.tokens.accessToken, login.tokens.refreshToken);
    expect(user.email).toBe(SECRETS.email);
    await new Client(running.base, key.secret).get("/v1/orders");
    await shop.client.get(`/v1/customers?email=${encodeURIComponent(SECRETS.email)}`);
    await shop.client.post("/v1/customers", { name: SECRETS.customer, email: SECRETS.email, phone: SECRETS.phone }, { cookie: `session=${SECRETS.cookie}` });
  });

  it("of requests that are refused", async () => {
    expect(await send("POST", "/v1/auth/login", { email: SECRETS.unknownEmail, password: SECRETS.wrongPassword })).toBe(401);
    expect(await send("POST", "/v1/users", { name: SECRETS.user, email: `${SECRETS.email}@`, password: SECRETS.password, card: SECRETS.card })).toBe(400);
    expect(await send("POST", "/v1/customers", `{"name": "${SECRETS.inBody}", "email": ${SECRETS.email}`)).toBe(400);
    expect(await send("POST", "/v1/orders", cardSale(shop, { "MUG-RED": 1 }, SECRETS.declined))).toBe(402);
    expect(await send("GET", `/v1/customers/${SECRETS.inPath}?email=${SECRETS.email}`, undefined, { cookie: SECRETS.cookie })).toBeGreaterThanOrEqual(400);
    expect(await send("GET", `/${SECRETS.inPath}?token=${SECRETS.inQuery}`)).toBe(404);
    expect(await new Client(running.base, SECRETS.bearer).send("GET", "/v1/orders").catch(({ status }: { status: number }) => status)).toBe(401);
  });

  it("of sales that fail on our side, and of statements that PostgreSQL refuses with the row in its answer", async () => {
    expect(await send("POST", "/v1/orders", cardSale(shop, { "MUG-RED": 1 }, SECRETS.card))).toBe(500);
    await database.query(`ALTER TABLE "order".customer ADD CONSTRAINT nobody CHECK (name <> '${SECRETS.customer} II')`);
    expect(await send("POST", "/v1/customers", { name: `${SECRETS.customer} II`, email: `second.${SECRETS.email}`, phone: SECRETS.phone })).toBe(500);
    await until(() => lines().some(({ msg, route, error }) => msg === "a request failed" && route === "/v1/customers" && /^PostgreSQL 23514 in customer by nobody\n +at /.test(error)));
  });

  it("of a mail that the mail server takes from nobody", async () => {
    await shop.client.patch(`/v1/variants/${shop.variants.LOW}`, { reorderPoint: 5 });
    expect(await send("POST", "/v1/orders", cashSale(shop, { LOW: 3 }), { "x-request-id": "canary-low-stock-1" })).toBe(201);
    const told = () => linesOf("canary-low-stock-1").find(({ msg }) => msg === "a workflow's step is tried again");
    await until(() => told() !== undefined);
    expect(told()).toMatchObject({ reason: "SMTP EAUTH 535 at AUTH PLAIN", tenantId: me.tenant.id, actor: me.user.id });
  });

  it("as a search of all that it wrote shows", () => {
    const output = running.output();
    expect(output.length).toBeGreaterThan(10_000);
    const found = given.filter((canary) => output.includes(canary) || output.includes(encodeURIComponent(canary)) || output.includes(Buffer.from(canary).toString("base64").replaceAll("=", "")));
    expect(found).toEqual([]);
  });
});

describe("each line of a request says for whom it is done", () => {
  it("for a sale: the edge, the saga and every service it calls, with the client's request id and trace", async () => {
    const requestId = "canary-sale-0001";
    await send("POST", "/v1/orders", cardSale(shop, { "MUG-RED": 1 }), { "x-request-id": requestId, traceparent: `00-${TRACE}-00f067aa0ba902b7-01` });
    await until(() => linesOf(requestId).some(({ msg }) => msg === "request"));
    const all = linesOf(requestId);
    expect(all.map(({ msg }) => msg)).toEqual(expect.arrayContaining(["a saga waits: its step will be asked again", "a request failed", "request"]));
    for (const line of all) expect(line.traceId).toBe(TRACE);
    // Before the credential is verified nobody knows who it is.
    const known = all.slice(all.findIndex(({ tenantId }) => tenantId !== undefined));
    expect(known.length).toBeGreaterThan(5);
    for (const line of known) expect(line).toMatchObject({ tenantId: me.tenant.id, actor: me.user.id });
  });

  it("for an event that cannot be applied: the request that it came from, and whoever sent that", async () => {
    await database.query("ALTER TABLE report.inbox ADD CONSTRAINT nothing_new CHECK (false) NOT VALID");
    const requestId = "canary-sale-0002";
    expect(await send("POST", "/v1/orders", cashSale(shop, { "MUG-RED": 1 }), { "x-request-id": requestId, traceparent: `00-${TRACE}-00f067aa0ba902b7-01` })).toBe(201);
    await until(() => linesOf(requestId).some(({ service }) => service === "report"));
    const [line] = linesOf(requestId).filter(({ service }) => service === "report");
    expect(line).toMatchObject({ msg: "an event cannot be applied: it lies in dead_letter", reason: "PostgreSQL 23514 in inbox by nothing_new", tenantId: me.tenant.id, actor: me.user.id, traceId: TRACE });
  });
});

describe("an error that nobody catches", () => {
  it("ends the process with one line that says where, and not with the rows that it holds; the next start goes on", async () => {
    const folder = mkdtempSync(join(tmpdir(), "beaveros-crash-")), crash = join(mkdtempSync(join(tmpdir(), "beaveros-crash-")), "crash.mjs");
    writeFileSync(crash, "process.on('SIGUSR2', () => { throw Object.assign(new Error('Key (email)=(canary.person@canary.example) exists'), { severity: 'ERROR', code: '23505', detail: 'canary-detail' }); })");
    const node = await startProcess({ dataDir: folder, variables: { NODE_OPTIONS: `--import=${crash}` } });
    node.child.kill("SIGUSR2");
    expect(await node.ended()).toBe(1);
    const last = logLines(node.output()).at(-1)!;
    expect(last).toMatchObject({ level: "fatal", msg: "This process ends by an error that nobody caught", error: expect.stringMatching(/^PostgreSQL 23505\n +at /) });
    expect(node.output()).not.toContain("canary");
    expect(await (await startProcess({ dataDir: folder })).terminate()).toBe(0);
    for (const path of [folder, dirname(crash)]) rmSync(path, { recursive: true, force: true });
  }, 90_000);
});

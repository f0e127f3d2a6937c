import { createServer, request, Agent } from "node:http";
import type { AddressInfo } from "node:net";
import { fork } from "node:child_process";
import { ServiceBroker } from "moleculer";
import { Type } from "typebox";
import { brokerOptions } from "../moleculer.config.ts";
import { action, contract } from "../lib/contract.ts";
import { Closed } from "../lib/schemas.ts";
import { readEnvironment } from "../node/environment.ts";
import { openLog } from "../node/log/log.ts";
import { attachPlatform, makePlatform } from "../node/platform.ts";
import { LocalEventBus } from "../node/event-bus.ts";
import { loadSecrets } from "../node/secrets.ts";
import { contracts } from "../services/contracts.ts";
import { defineService } from "../services/define-service.ts";

/* What the edge costs in CPU time: a trivial action through all of it, with all real routes registered, beside a bare node:http server with the same answer.
   The clients run in a process of their own, so that process.cpuUsage() counts the server alone. No database. */

const REQUESTS = Number(process.env.BENCH_REQUESTS ?? 20_000), CONNECTIONS = 16;
const answer = { id: "01890a5d-ac96-774b-bcce-b302099a8057", name: "MUG-RED", price: { amount: 1099, currency: "EUR" }, version: 3 };
const benchContract = contract("bench", "Bench", {
  actions: {
    open: action({ summary: "A trivial public action", rest: "GET /v1/bench-open", permission: "public", params: Closed({}), result: Type.Any() }),
    mine: action({ summary: "A trivial action of a signed-in client", rest: "POST /v1/bench-mine/:id", permission: "bench.things.write", params: Closed({ id: Type.String(), quantity: Type.Number() }), result: Type.Any() }),
  },
  events: {},
});

async function load(base: string, given: { method: string; path: string; headers: Record<string, string>; body?: string }, requests: number): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  const { hostname, port } = new URL(base);
  let left = requests;
  const one = () => new Promise<void>((resolve, reject) => {
    const req = request({ hostname, port, agent, method: given.method, path: given.path, headers: given.headers }, (res) => {
      if (res.statusCode !== 200) reject(new Error(`answered ${res.statusCode}`));
      res.resume().on("end", resolve);
    });
    req.on("error", reject).end(given.body);
  });
  await Promise.all(Array.from({ length: CONNECTIONS }, async () => { while (left-- > 0) await one(); }));
  agent.destroy();
}

async function measure(name: string, base: string, given: object): Promise<number> {
  const run = (requests: number) => new Promise<void>((resolve, reject) => {
    const child = fork(import.meta.filename, ["client"], { serialization: "json" });
    child.send({ base, given, requests });
    child.on("exit", (code) => { if (code === 0) resolve(); else reject(new Error(`the client of ${name} failed`)); });
  });
  await run(REQUESTS / 4);
  const before = process.cpuUsage(), started = performance.now();
  await run(REQUESTS);
  const used = process.cpuUsage(before), seconds = (performance.now() - started) / 1000;
  const each = (used.user + used.system) / REQUESTS;
  console.log(`${name.padEnd(46)} ${each.toFixed(1).padStart(7)} µs CPU/request ${(REQUESTS / seconds).toFixed(0).padStart(8)} requests/s`);
  return each;
}

async function main(): Promise<void> {
  const environment = readEnvironment({ DATA_DIR: "/tmp/beaveros-bench-edge", PORT: "0", LOG_LEVEL: "info", LOG_FORMAT: "json", RATE_LIMIT_PER_MINUTE: "100000000" });
  const broker = new ServiceBroker(brokerOptions(environment, loadSecrets(environment), await openLog(environment)));
  const platform = makePlatform({ environment, secrets: loadSecrets(environment), databaseUrl: "postgresql://nobody@127.0.0.1:1/none", bus: new LocalEventBus(), contracts: [...contracts, benchContract] });
  attachPlatform(broker, platform);
  const { default: api } = await import("../services/api/api.service.ts");
  const bench = defineService(benchContract, { actions: { open: async () => answer, mine: async () => answer } });
  broker.createService({ name: "bench", actions: bench.actions! });
  const gateway = broker.createService(api) as unknown as { server: ReturnType<typeof createServer> };
  await broker.start();
  const bare = createServer((_, res) => {
    const body = JSON.stringify(answer);
    res.writeHead(200, { "content-type": "application/json", "content-length": Buffer.byteLength(body) });
    res.end(body);
  });
  await new Promise<void>((resolve) => bare.listen(0, "127.0.0.1", resolve));
  const base = (server: ReturnType<typeof createServer>) => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const token = platform.tokens.signAccess({ tenantId: answer.id, userId: answer.id, sessionId: answer.id, permissions: ["*"], storeIds: [] });
  await measure("node:http, the same answer", base(bare), { method: "GET", path: "/", headers: {} });
  await measure("edge, public GET", base(gateway.server), { method: "GET", path: "/v1/bench-open", headers: {} });
  await measure("edge, POST with token, body and key", base(gateway.server), {
    method: "POST", path: `/v1/bench-mine/${answer.id}`, headers: { authorization: `Bearer ${token}`, "content-type": "application/json", "idempotency-key": "k1" }, body: '{"quantity":2.5}',
  });
  bare.close();
  await broker.stop();
  process.exit(0);
}

if (process.argv[2] === "client") process.once("message", (job: { base: string; given: Parameters<typeof load>[1]; requests: number }) => void load(job.base, job.given, job.requests).then(() => process.exit(0), (error: unknown) => { console.error(error); process.exit(1); }));
else await main();

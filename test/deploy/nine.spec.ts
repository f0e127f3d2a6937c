import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { freePort } from "../../node/free-port.ts";
import { startEmbeddedDatabase, type EmbeddedDatabase } from "../../node/embedded-database.ts";
import { SERVICE_NAMES, type ServiceName } from "../../node/environment.ts";
import { startNatsServer, type NatsServer } from "../../scripts/nats-server.ts";
import { writeSecrets } from "../../scripts/secrets.ts";
import { ROOT } from "../support/source-files.ts";
import { containerOf, readCompose } from "./compose.ts";
import { cleanEnvironment } from "./image.ts";

/* docker-compose.yml without an engine: its containers as processes, with its commands and variables. What differs is where things are. */

const compose = readCompose();
const home = mkdtempSync(join(tmpdir(), "beaveros-nine-"));
const secrets = join(home, "secrets");
interface Running { readonly child: ChildProcess; readonly port: number; readonly metricsPort: number; output(): string }
const nodes = new Map<ServiceName, Running>();
let database: EmbeddedDatabase, nats: NatsServer;

/** What the engine's network and mounts would do: names become addresses of this machine, files those of the volumes. */
function onThisMachine(name: string, more: Record<string, string> = {}): Record<string, string> {
  const container = containerOf(name, compose.services[name]!, secrets);
  const files = Object.fromEntries(Object.entries(container.variables).filter(([key]) => key.endsWith("_FILE")).map(([key, path]) => [key, container.file(path)!]));
  const address = new URL(database.url);
  const url = new URL(container.variables.DATABASE_URL!);
  url.host = address.host;
  if (url.username) Object.assign(url, { username: address.username, password: address.password });
  // Redis, mail and the collector have tests of their own.
  const { OTEL_EXPORTER_OTLP_ENDPOINT: _traces, SMTP_URL: _mail, REDIS_URL: _redis, ...variables } = container.variables;
  return { ...cleanEnvironment(), ...variables, HOST: "127.0.0.1", LOG_LEVEL: "warn", ...files, DATABASE_URL: url.href, ...more };
}

async function startNode(name: ServiceName): Promise<void> {
  const port = await freePort(), metricsPort = await freePort();
  const child = spawn(process.execPath, ["--max-semi-space-size=8", "--no-parallel-scavenge", "node/start.ts"], { cwd: ROOT, stdio: ["ignore", "pipe", "pipe"], env: onThisMachine(name, { PORT: String(port), METRICS_PORT: String(metricsPort), NATS_URL: nats.url.replace("nats://127.0.0.1", "tls://localhost") }) });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => { said += chunk.toString(); });
  nodes.set(name, { child, port, metricsPort, output: () => said });
}

async function startNats(): Promise<NatsServer> {
  const port = await freePort(), path = join(home, "nats", "nats.conf");
  const file = readFileSync(join(ROOT, "k8s", "overlays", "development", "nats.conf"), "utf8");
  mkdirSync(dirname(path));
  writeFileSync(path, file.replace("$POD_NAME", compose.services.nats!.environment!.POD_NAME!).replaceAll("/etc/nats/tls", join(secrets, "nats-tls")).replace("include auth/", "include ../secrets/nats-auth/").replace("/run/nats", dirname(path)).replace("/data", join(home, "nats", "data")).replace("http_port: 8222", `http_port: ${await freePort()}`).replace("port: 4222", `port: ${port}`));
  return startNatsServer({ port, arguments: ["--config", path] });
}

const ready = async ({ child, metricsPort, output }: Running, deadline: number): Promise<void> => {
  while ((await fetch(`http://127.0.0.1:${metricsPort}/health/ready`).catch(() => undefined))?.status !== 200) {
    if (child.exitCode !== null || Date.now() > deadline) throw new Error(output() || "it is not ready");
    await new Promise((wake) => setTimeout(wake, 100));
  }
};

beforeAll(async () => {
  await writeSecrets({ folder: secrets, natsHosts: ["nats", "localhost"] });
  database = await startEmbeddedDatabase({ dataDir: join(home, "postgres"), settings: { fsync: "off", max_connections: "300" } });
  const [program, ...rest] = compose.services.migration!.command!;
  const migrated = spawnSync(program!, rest, { cwd: ROOT, encoding: "utf8", env: onThisMachine("migration") });
  if (migrated.status !== 0) throw new Error(migrated.stdout + migrated.stderr);
  nats = await startNats();
  for (const name of SERVICE_NAMES) await startNode(name);
  const deadline = Date.now() + 120_000;
  for (const running of nodes.values()) await ready(running, deadline);
}, 180_000);
afterAll(async () => {
  await Promise.all([...nodes.values()].filter(({ child }) => child.exitCode === null && child.signalCode === null).map(({ child }) => { child.kill("SIGKILL"); return once(child, "exit"); }));
  await nats?.stop();
  await database?.stop();
  rmSync(home, { recursive: true, force: true });
}, 60_000);

describe("the nine services, each a node of its own with its own key ring", () => {
  it("open a tenant, sell, take back and report, as one platform", async () => {
    const demo = spawn(process.execPath, ["scripts/demo.ts"], { cwd: ROOT, stdio: ["ignore", "pipe", "pipe"], env: { ...cleanEnvironment(), BEAVEROS_URL: `http://127.0.0.1:${nodes.get("api")!.port}` } });
    let said = "";
    for (const stream of [demo.stdout, demo.stderr]) stream.on("data", (chunk: Buffer) => { said += chunk.toString(); });
    const [code] = await once(demo, "exit") as [number];
    expect([code, said]).toEqual([0, expect.any(String)]);
  }, 60_000);

  it("say nothing worse than a notice meanwhile", () => {
    for (const [name, { output }] of nodes) expect([name, output().split("\n").filter((line) => /"level":"(error|fatal)"/.test(line))]).toEqual([name, []]);
  });

  it("stop when they are told to, with nothing left to do", async () => {
    const codes = await Promise.all([...nodes].map(async ([name, { child }]) => { child.kill("SIGTERM"); return [name, ((await once(child, "exit")) as [number])[0]]; }));
    expect(codes).toEqual(SERVICE_NAMES.map((name) => [name, 0]));
  }, 60_000);
});

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { freePort } from "../../node/free-port.ts";
import { startNatsServer, type NatsServer } from "../../scripts/nats-server.ts";
import { logLines } from "../support/log-lines.ts";
import { spawnPlatform, type PlatformProcess } from "../support/process.ts";
import { until } from "../support/until.ts";
import { startGuardedCluster, type GuardedCluster } from "./support.ts";

/* What an operator got wrong: a node says it in one sentence, is not ready, does not end, and goes on by itself once it is mended. */

let cluster: GuardedCluster, node: PlatformProcess, folder: string;
const closing: (() => Promise<unknown>)[] = [];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "beaveros-trouble-"));
  cluster = await startGuardedCluster([["payment"]]);
});
afterEach(async () => {
  await node.kill();
  for (const close of closing.splice(0)) await close();
  await cluster.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function started(variables: Record<string, string>): Promise<void> {
  const port = await freePort();
  node = await spawnPlatform({ dataDir: folder, port, variables: { ...cluster.variables(["payment"]), LOG_LEVEL: "info", ...variables, PORT: String(port) } });
}

const probe = async (name: string) => {
  const answer = await fetch(`${node.base}/health/${name}`);
  return { status: answer.status, body: await answer.json() as Record<string, unknown> };
};

/** It says so once, is alive and not ready, and is still there after it has looked again. */
async function waits(dependency: string, sentence: string): Promise<void> {
  await until(() => node.output().includes("Not ready: "));
  await new Promise((wake) => setTimeout(wake, 3_000));
  expect(logLines(node.output())).toEqual([expect.objectContaining({ level: "warn", msg: `Not ready: ${sentence}` })]);
  expect(await probe("live")).toEqual({ status: 200, body: { status: "up" } });
  expect(await probe("ready")).toEqual({ status: 503, body: { status: "not ready", dependency, detail: sentence } });
  expect(node.child.exitCode).toBeNull();
}

const goesOn = () => until(async () => (await probe("ready")).status === 200);

describe("a node that was set up wrongly", () => {
  it("with a NATS_URL where nobody is", async () => {
    const natsPort = await freePort(), nats = `nats://127.0.0.1:${natsPort}`;
    await started({ NATS_URL: nats });
    await waits("nats", `NATS_URL ${nats} does not answer (CONNECTION_REFUSED): start NATS there, or mend NATS_URL.`);
    closing.push(await natsWith(natsPort, ["--config", join(cluster.folder, "nats-auth.conf")]));
    await goesOn();
  });

  it("with credentials that NATS refuses", async () => {
    const ring = cluster.ring("payment"), path = join(folder, "payment.json");
    writeFileSync(path, JSON.stringify({ ...ring, nats: { ...ring.nats, password: "of another installation" } }));
    await started({ KEY_RING_FILE: path });
    await waits("nats", `NATS at nats://127.0.0.1:${cluster.natsPort} refuses the credentials: mend NATS_USER and NATS_PASSWORD, or the node's KEY_RING_FILE.`);
  });

  it("with a NATS that has no JetStream", async () => {
    const natsPort = await freePort(), nats = `nats://127.0.0.1:${natsPort}`;
    const close = await natsWith(natsPort, ["--config", join(cluster.folder, "nats-auth.conf")], false);
    await started({ NATS_URL: nats });
    await waits("nats", `NATS at ${nats} has no JetStream: start it with --jetstream.`);
    await close();
    closing.push(await natsWith(natsPort, ["--config", join(cluster.folder, "nats-auth.conf")]));
    await goesOn();
  });

  it("with a PostgreSQL that is too old", async () => {
    const database = new URL(cluster.variables(["payment"]).DATABASE_URL!);
    const old = await olderServer({ host: database.hostname, port: Number(database.port) });
    closing.push(old.close);
    database.port = String(old.port);
    database.search = "";
    await started({ DATABASE_URL: database.href });
    await waits("database", `PostgreSQL at ${database.host}${database.pathname} is too old (140005): 15 is the oldest that works.`);
    old.upgrade();
    await goesOn();
  });

  it("with keys of another installation", async () => {
    const ring = cluster.ring("payment"), path = join(folder, "payment.json");
    writeFileSync(path, JSON.stringify({ ...ring, derived: { ...ring.derived, "database-role:beaver_payment": Buffer.alloc(32, 1).toString("base64") } }));
    await started({ KEY_RING_FILE: path });
    const { host, pathname } = new URL(cluster.databaseUrl);
    await waits("database", `PostgreSQL at ${host}${pathname} does not know beaver_payment with this node's keys: run npm run migrate, or give all nodes the same DATA_ENCRYPTION_KEY.`);
  });

  it("and its log holds no secret", async () => {
    await started({ NATS_URL: `nats://127.0.0.1:${await freePort()}` });
    await until(() => node.output().includes("Not ready: "));
    const ring = readFileSync(cluster.variables(["payment"]).KEY_RING_FILE!, "utf8");
    for (const secret of ring.match(/[A-Za-z0-9+/_-]{40,}/g)!) expect(node.output()).not.toContain(secret);
  });
});

async function natsWith(port: number, more: string[], jetStream = true): Promise<() => Promise<void>> {
  const server: NatsServer = await startNatsServer({ port, ...(jetStream ? { folder: join(folder, "jetstream") } : {}), arguments: more });
  return () => server.stop();
}

/** The real PostgreSQL, as 14.5 would answer SHOW server_version_num: a way to it that changes these six characters. */
async function olderServer(target: { host: string; port: number }): Promise<{ port: number; upgrade(): void; close(): Promise<void> }> {
  let isOld = true;
  const server = createServer((near) => {
    const far = connect(target);
    near.pipe(far);
    far.on("data", (chunk: Buffer) => near.write(isOld ? Buffer.from(chunk.toString("latin1").replace(/\b1[5-9]00\d\d\b/, "140005"), "latin1") : chunk));
    for (const [one, other] of [[near, far], [far, near]] as const) one.on("error", () => undefined).on("close", () => other.destroy());
  });
  await new Promise<void>((listening) => { server.listen(0, "127.0.0.1", listening); });
  return { port: (server.address() as { port: number }).port, upgrade: () => { isOld = false; }, close: () => new Promise((closed) => { server.close(() => closed()); }) };
}

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "@jest/globals";
import { freePort } from "../../node/free-port.ts";
import { startNatsServer, type NatsServer } from "../../scripts/nats-server.ts";
import { logLines } from "../support/log-lines.ts";
import { cloneDatabase } from "../support/databases.ts";
import { spawnPlatform, type PlatformProcess } from "../support/process.ts";
import { until } from "../support/until.ts";

/* A node that cannot serve yet answers its probes, and says in them what it says in its log. */

const keys = () => ({ JWT_PRIVATE_KEY_FILE: join(process.env.TEST_DATA_DIR!, "secrets", "jwt-private-key.pem"), DATA_ENCRYPTION_KEY_FILE: join(process.env.TEST_DATA_DIR!, "secrets", "data-encryption-key") });
const probe = async (port: number, name: string) => {
  const response = await fetch(`http://127.0.0.1:${port}/health/${name}`);
  return { status: response.status, body: await response.json() as Record<string, unknown> };
};

describe("a node that waits", () => {
  const folder = mkdtempSync(join(tmpdir(), "beaveros-waiting-"));
  let node: PlatformProcess, nats: NatsServer | undefined;
  afterEach(async () => {
    await node.terminate();
    await nats?.stop();
    nats = undefined;
    rmSync(folder, { recursive: true, force: true });
  });

  it("for a NATS that is not there is alive, not started and not ready, on METRICS_PORT and (without an edge) on PORT; then it goes on by itself", async () => {
    const natsPort = await freePort(), metricsPort = await freePort();
    node = await spawnPlatform({ dataDir: folder, variables: { SERVICES: "order", DATABASE_URL: await cloneDatabase(), NATS_URL: `nats://127.0.0.1:${natsPort}`, METRICS_PORT: String(metricsPort), ...keys() } });
    const sentence = `NATS_URL nats://127.0.0.1:${natsPort} does not answer (CONNECTION_REFUSED): start NATS there, or mend NATS_URL.`;
    await until(() => node.output().includes("Not ready: "));
    expect(logLines(node.output())).toEqual([expect.objectContaining({ level: "warn", msg: `Not ready: ${sentence}` })]);
    for (const port of [metricsPort, node.port]) {
      expect(await probe(port, "live")).toEqual({ status: 200, body: { status: "up" } });
      expect(await probe(port, "startup")).toEqual({ status: 503, body: { status: "not started", dependency: "nats", detail: sentence } });
      expect(await probe(port, "ready")).toEqual({ status: 503, body: { status: "not ready", dependency: "nats", detail: sentence } });
    }
    expect((await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).status).toBe(503);

    nats = await startNatsServer({ port: natsPort, folder });
    await until(async () => (await probe(metricsPort, "ready")).status === 200);
    expect((await probe(node.port, "startup")).status).toBe(200);
    expect(await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text()).toContain("beaveros_ready 1");
  });

  it("for a PostgreSQL that is away says so", async () => {
    const metricsPort = await freePort(), databasePort = await freePort();
    node = await spawnPlatform({ dataDir: folder, variables: { DATABASE_URL: `postgresql://canary:secret@127.0.0.1:${databasePort}/shop`, METRICS_PORT: String(metricsPort), ...keys() } });
    await until(() => node.output().includes("Not ready: "));
    const detail = `PostgreSQL at 127.0.0.1:${databasePort}/shop does not answer (connect ECONNREFUSED 127.0.0.1:${databasePort}): start PostgreSQL there, or mend DATABASE_URL.`;
    expect((await probe(metricsPort, "live")).status).toBe(200);
    expect(await probe(metricsPort, "startup")).toEqual({ status: 503, body: { status: "not started", dependency: "database", detail } });
    expect(await probe(metricsPort, "ready")).toEqual({ status: 503, body: { status: "not ready", dependency: "database", detail } });
    expect(node.output()).not.toContain("secret");
  });
});

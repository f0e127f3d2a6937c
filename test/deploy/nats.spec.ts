import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { connect } from "nats";
import { freePort } from "../../node/free-port.ts";
import { readEnvironment } from "../../node/environment.ts";
import { JetStreamBus, STREAM } from "../../node/jetstream-bus.ts";
import { natsOptions } from "../../node/nats.ts";
import { loadSecrets } from "../../node/secrets.ts";
import { findNatsServer } from "../../scripts/nats-server.ts";
import { writeSecrets } from "../../scripts/secrets.ts";
import { until } from "../support/until.ts";
import { render, type KubernetesObject } from "./kubernetes.ts";

const home = mkdtempSync(join(tmpdir(), "beaveros-nats-"));
const servers: ChildProcess[] = [];
let ports: { client: number; cluster: number; monitor: number }[];
const QUIET = { warn: () => undefined, error: () => undefined };

const configOf = (objects: readonly KubernetesObject[]) => objects.find(({ kind, metadata }) => kind === "ConfigMap" && metadata.name.startsWith("nats-config"))!.data!["nats.conf"]!;

/** The file as it is, but for what differs between three pods and three processes on one machine: folders, ports, names. */
function onThisMachine(text: string, index: number): string {
  const { client, cluster, monitor } = ports[index]!;
  return text.replaceAll("/etc/nats/tls", join(home, "secrets", "nats-tls")).replace("include auth/", "include ../secrets/nats-auth/").replaceAll("/run/nats", join(home, String(index))).replace("/data", join(home, String(index), "data"))
    .replace("port: 4222", `host: "127.0.0.1"\nport: ${client}`).replace("http_port: 8222", `http_port: ${monitor}`).replace("port: 6222", `host: "127.0.0.1"\n  port: ${cluster}`)
    .replaceAll(/nats-(\d)\.nats:6222/g, (_, other: string) => `127.0.0.1:${ports[Number(other)]!.cluster}`);
}

function write(index: number, text: string): string {
  const folder = join(home, String(index)), path = join(folder, "nats.conf");
  mkdirSync(folder, { recursive: true });
  writeFileSync(path, onThisMachine(text, index));
  return path;
}

beforeAll(async () => {
  await writeSecrets({ folder: join(home, "secrets"), natsHosts: ["nats-0.nats", "localhost", "127.0.0.1"] });
  ports = [];
  for (let index = 0; index < 3; index++) ports.push({ client: await freePort(), cluster: await freePort(), monitor: await freePort() });
});
afterAll(async () => {
  await Promise.all(servers.filter(({ exitCode, signalCode }) => exitCode === null && signalCode === null).map((server) => { server.kill("SIGKILL"); return once(server, "exit"); }));
  rmSync(home, { recursive: true, force: true });
});

it.each(["production", "development"])("the nats.conf of %s is one that the server takes", (overlay) => {
  const checked = spawnSync(findNatsServer(), ["-t", "-c", write(0, configOf(render(overlay)))], { encoding: "utf8", env: { ...process.env, POD_NAME: "nats-0" } });
  expect([checked.stderr, checked.status]).toEqual([expect.stringContaining("is valid"), 0]);
});

describe("the three servers of production", () => {
  it("form a cluster in which a service keeps every event three times, and loses none with a server", async () => {
    const text = configOf(render("production"));
    for (const index of ports.keys()) servers.push(spawn(findNatsServer(), ["-c", write(index, text)], { stdio: "ignore", env: { ...process.env, POD_NAME: `nats-${index}` } }));
    const environment = readEnvironment({
      SERVICES: "order", DATABASE_URL: "postgresql://127.0.0.1/beaveros", NATS_URL: ports.map(({ client }) => `tls://localhost:${client}`).join(), NATS_REPLICAS: "3",
      NATS_CA_FILE: join(home, "secrets", "keys-order", "ca.crt"), KEY_RING_FILE: join(home, "secrets", "keys-order", "ring.json"),
    });
    const order = loadSecrets(environment);
    const bus = await JetStreamBus.connect(natsOptions(environment.nats!, order, "test"), QUIET as never, environment.nats!.replicas);
    const { user, pass } = JSON.parse(readFileSync(join(home, "secrets", "nats-operator", "nats-operator.json"), "utf8")) as { user: string; pass: string };
    const operator = await connect({ ...natsOptions({ ...environment.nats!, user, password: pass }, order, "operator"), inboxPrefix: "_INBOX_operator" });
    try {
      const event = (n: number) => ({ id: `00000000-0000-0000-0000-00000000000${n}`, type: "order.completed" }) as never;
      await until(() => bus.publish([event(1)]).then(() => true, () => false));
      const manager = await operator.jetstreamManager();
      const { config, cluster } = await manager.streams.info(STREAM);
      expect([config.num_replicas, cluster!.replicas!.length]).toEqual([3, 2]);
      servers[Number(cluster!.leader!.at(-1))]!.kill("SIGKILL");
      await until(() => bus.publish([event(2)]).then(() => true, () => false));
      await until(async () => (await manager.streams.info(STREAM).catch(() => undefined))?.state.messages === 2);
    } finally {
      await bus.stop();
      await operator.close();
    }
  }, 120_000);
});

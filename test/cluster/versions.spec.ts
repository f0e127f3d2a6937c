import { createPrivateKey, type JsonWebKey } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import jwt from "jsonwebtoken";
import type { ServiceBroker, ServiceSchema } from "moleculer";
import { freePort } from "../../node/free-port.ts";
import { newId } from "../../lib/ids.ts";
import type { Node } from "../../node/broker.ts";
import { CLUSTER_VERSION } from "../../node/introduction.ts";
import { readinessOf } from "../../node/readiness.ts";
import { logLines } from "../support/log-lines.ts";
import { spawnPlatform, type PlatformProcess } from "../support/process.ts";
import { until } from "../support/until.ts";
import { startGuardedCluster, startRogue, type GuardedCluster } from "./support.ts";

const OTHER_VERSION = CLUSTER_VERSION + 1;
let cluster: GuardedCluster, other: ServiceBroker | undefined, young: PlatformProcess | undefined;

beforeEach(async () => { cluster = await startGuardedCluster([["entity"], ["payment"]]); });
afterEach(async () => {
  await other?.stop();
  await young?.kill();
  await cluster.stop();
  other = young = undefined;
});

/** A node of entity that proves what it is and speaks another version. */
async function otherVersion(startedAt: number, asked: string[] = []): Promise<ServiceBroker> {
  const nodeID = "entity.of-another-version", key = createPrivateKey({ key: cluster.ring("entity").serviceKeys.entity as JsonWebKey, format: "jwk" });
  const proof = jwt.sign({}, key, { algorithm: "ES256", audience: "beaveros-node", subject: nodeID, keyid: "entity" });
  const entity = { name: "entity", actions: { resolveSlug: () => { asked.push("entity.resolveSlug"); return { tenantId: newId() }; } } } as unknown as ServiceSchema;
  return startRogue(cluster, "entity", { nodeID, metadata: { clusterVersion: OTHER_VERSION, startedAt, proofs: { entity: proof } }, created(broker: ServiceBroker) { broker.createService(entity); } });
}

const knows = (broker: ServiceBroker, service: string): boolean => broker.registry.getServiceList({ onlyAvailable: true } as never).some(({ name }: { name: string }) => name === service);
const pause = (ms: number) => new Promise((wake) => setTimeout(wake, ms));

describe("nodes of two versions that misread each other", () => {
  it("the younger waits, says why, does not end, and goes on when the older has left", async () => {
    other = await otherVersion(Date.now());
    const port = await freePort();
    young = await spawnPlatform({ dataDir: cluster.folder, port, variables: { ...cluster.variables(["payment"]), PORT: String(port), LOG_LEVEL: "info" } });
    const sentence = `The node entity.of-another-version speaks cluster version ${OTHER_VERSION} and this one ${CLUSTER_VERSION}: they do not call each other. Stop the nodes of one version.`;
    await until(() => young!.output().includes("Not ready: "));
    expect(logLines(young.output())).toEqual([expect.objectContaining({ level: "warn", msg: `Not ready: ${sentence}` })]);
    const ready = await fetch(`${young.base}/health/ready`);
    expect(ready.status).toBe(503);
    expect(await ready.json()).toEqual({ status: "not ready", dependency: "cluster", detail: sentence });
    await pause(3_000);
    expect(young.child.exitCode).toBeNull();
    expect(knows(other, "payment")).toBe(false);
    await other.stop();
    other = undefined;
    await until(async () => (await fetch(`${young!.base}/health/ready`)).status === 200);
  });

  it("the younger is not ready when the older comes back while it runs, and no calls cross", async () => {
    const payment = await cluster.start(["payment"]), asked: string[] = [];
    other = await otherVersion(Date.now() - 60_000, asked);
    await until(async () => (await readinessOf(payment.broker).whyNotReady())?.dependency === "cluster");
    await expect(ask(payment)).rejects.toMatchObject({ type: "SERVICE_NOT_FOUND" });
    expect(asked).toEqual([]);
    await other.stop();
    other = undefined;
    await until(async () => (await readinessOf(payment.broker).whyNotReady()) === undefined);
  });

  it("the older stays ready, and does not call the younger", async () => {
    const payment = await cluster.start(["payment"]), asked: string[] = [];
    other = await otherVersion(Date.now() + 1, asked);
    await pause(2_500);
    expect(await readinessOf(payment.broker).whyNotReady()).toBeUndefined();
    await expect(ask(payment)).rejects.toMatchObject({ type: "SERVICE_NOT_FOUND" });
    expect(asked).toEqual([]);
  });

  const ask = (node: Node) => node.broker.call("entity.resolveSlug", { slug: "alder" }, { meta: { token: node.platform.tokens.forService("payment", newId()) } });
});

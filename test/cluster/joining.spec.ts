import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { decode } from "cbor-x";
import type { NatsConnection } from "nats";
import { readinessOf } from "../../node/readiness.ts";
import { startGuardedCluster, type GuardedCluster } from "./support.ts";

let cluster: GuardedCluster;
beforeAll(async () => { cluster = await startGuardedCluster([["catalog", "payment"], ["report"]]); });
afterAll(() => cluster.stop());

describe("a node that says that it is ready", () => {
  it("has told the others what it hosts: a load balancer may take the one before it away", async () => {
    const { connection } = await cluster.intruder("report"), told = new Set<string>();
    connection.subscribe("MOL-beaveros.INFO", { callback: (_, { data }) => { for (const { name } of (decode(data) as { services: { name: string }[] }).services) told.add(name); } });
    await connection.flush();
    const { broker } = await cluster.start(["catalog", "payment"]);
    expect(await readinessOf(broker).whyNotReady()).toBeUndefined();
    // What it sent before has come to the server, and from there to us.
    await (broker as unknown as { transit: { tx: { client: NatsConnection } } }).transit.tx.client.flush();
    await connection.flush();
    expect([...told].sort()).toEqual(["catalog", "payment"]);
  });
});

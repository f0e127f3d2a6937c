import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { newId } from "../../lib/ids.ts";
import type { CloudEvent } from "../../node/event-bus.ts";
import { freePort } from "../../node/free-port.ts";
import { JetStreamBus } from "../../node/jetstream-bus.ts";
import { startNatsServer, type NatsServer } from "../../scripts/nats-server.ts";
import { startProxy, type Proxy } from "../chaos/proxy.ts";
import { until } from "../support/until.ts";

const happened = (subject: string): CloudEvent => ({ specversion: "1.0", id: newId(), source: "/beaveros/test", type: "test.happened", subject, time: new Date().toISOString(), tenantid: newId(), data: {} });

describe("a consumer whose event store was lost, or the way to it", () => {
  let folder: string, nats: NatsServer, bus: JetStreamBus, way: Proxy, leads: boolean, asked: (chunk: Buffer) => void;
  const applied: string[] = [];
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "beaveros-lost-"));
    nats = await startNatsServer({ port: await freePort(), folder });
    [leads, asked] = [true, () => undefined];
    way = await startProxy({ host: "127.0.0.1", port: Number(new URL(nats.url).port) }, (chunk) => asked(chunk));
    bus = await JetStreamBus.connect({ servers: `nats://127.0.0.1:${way.port}`, maxReconnectAttempts: -1, reconnectTimeWait: 100 }, { warn: () => undefined, error: () => undefined });
    bus.subscribe({
      service: "test", types: new Set(["test.happened"]), bury: () => Promise.resolve(),
      apply: (events) => { applied.push(...events.map(({ subject }) => subject)); return Promise.resolve(); },
      lead: async (work) => { if (leads) await work(); return leads; },
    });
    await bus.start();
    applied.length = 0;
  });
  afterEach(async () => {
    await bus.stop();
    await way.close();
    await nats.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const publish = (subject: string) => until(() => bus.publish([happened(subject)]).then(() => true, () => false));
  const loseStore = async () => {
    await nats.stop("SIGKILL");
    rmSync(join(folder, "jetstream"), { recursive: true, force: true });
    nats = await startNatsServer({ port: Number(new URL(nats.url).port), folder });
  };

  it.each([["while it waited for the next event", true], ["while another node led, and then it", false]])("%s applies what the new one holds", async (_when, leading) => {
    await publish("before");
    await until(() => applied.includes("before"));
    leads = leading;
    await new Promise((wake) => setTimeout(wake, 300)); // it is in the middle of a pull, or looks who leads
    await loseStore();
    await publish("after");
    leads = true;
    await until(() => applied.includes("after"));
    expect(applied).toEqual(["before", "after"]);
  }, 90_000);

  it("while what it had asked for was on its way goes on when it is back", async () => {
    leads = false;
    for (const subject of ["a", "b", "c"]) await publish(subject);
    let broken = 0;
    asked = (chunk) => {
      if (broken > 0 || !chunk.includes('"no_wait":true')) return;
      broken++;
      way.change("cut");
      way.change("pass");
    };
    leads = true;
    await until(() => ["a", "b", "c"].every((subject) => applied.includes(subject)));
    expect(broken).toBe(1);
  }, 90_000);
});

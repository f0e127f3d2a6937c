import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { connect, type NatsConnection } from "nats";
import { freePort } from "../../node/free-port.ts";
import { gatherWrites } from "../../node/gather-writes.ts";
import { startNatsServer, type NatsServer } from "../../scripts/nats-server.ts";

interface Sender { protocol: { transport: { send(frame: Uint8Array): void }; pendingLimit: number } }

describe("a connection that gathers its writes", () => {
  let nats: NatsServer, sender: NatsConnection, receiver: NatsConnection, writes = 0;
  beforeAll(async () => {
    nats = await startNatsServer({ port: await freePort() });
    [sender, receiver] = await Promise.all([connect({ servers: nats.url }).then(gatherWrites), connect({ servers: nats.url })]);
    const { transport } = (sender as unknown as Sender).protocol, send = transport.send.bind(transport);
    transport.send = (frame) => { writes++; send(frame); };
  });
  afterAll(async () => {
    await receiver.close();
    await nats.stop();
  });

  const receive = async (count: number, publish: () => Promise<void>) => {
    const seen: string[] = [], messages = receiver.subscribe("said", { max: count });
    await receiver.flush();
    await publish();
    for await (const message of messages) seen.push(message.string());
    return seen;
  };

  it("sends what is said in one turn in one write, in its order", async () => {
    writes = 0;
    const seen = await receive(100, async () => {
      for (let n = 0; n < 100; n++) {
        sender.publish("said", String(n));
        await Promise.resolve(); // as promises do that continue one after the other
      }
      expect(writes).toBe(0);
    });
    expect(seen).toEqual(Array.from({ length: 100 }, (_, n) => String(n)));
    expect(writes).toBe(1);
  });

  it("does not let more gather than the client's own limit", async () => {
    writes = 0;
    const large = "x".repeat(20_000);
    const seen = await receive(10, async () => {
      for (let n = 0; n < 10; n++) sender.publish("said", large);
      expect(writes).toBeGreaterThan(1);
    });
    expect(seen).toEqual(Array.from({ length: 10 }, () => large));
  });

  it("loses nothing when it is drained", async () => {
    expect(await receive(50, async () => {
      for (let n = 0; n < 50; n++) sender.publish("said", String(n));
      await sender.drain();
    })).toHaveLength(50);
  });
});

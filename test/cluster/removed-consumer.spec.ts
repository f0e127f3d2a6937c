import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { connect, type NatsConnection } from "nats";
import { newId } from "../../lib/ids.ts";
import { STREAM } from "../../node/jetstream-bus.ts";
import { event } from "../../services/report/test/support.ts";
import { startTestPlatform, type TestPlatform } from "../support/platform.ts";
import { until } from "../support/until.ts";

/* What an operator does after a roll-out of a version that consumes a further type of event: docs/adr/0011-cluster.md. */

describe("a service's consumer that was removed from the stream", () => {
  let platform: TestPlatform, operator: NatsConnection;
  const alder = newId(), opened = (name: string) => event(alder, "entity.storeChanged", { storeId: newId(), code: name, name, timezone: "Europe/Berlin", currency: "EUR" });
  const stores = async () => (await platform.sql<{ code: string }>("SELECT code FROM report.dim_store ORDER BY code")).map(({ code }) => code);
  beforeAll(async () => {
    (globalThis as { overNats?: boolean }).overNats = true;
    platform = await startTestPlatform({ services: ["report"] });
    operator = await connect({ servers: platform.platform.environment.nats!.servers });
  }, 60_000);
  afterAll(async () => {
    await operator.close();
    await platform.stop();
  });

  it("is made anew by the node, reads the stream from its beginning, and applies what was not applied and nothing else", async () => {
    const [first, second] = [opened("S1"), opened("S2")];
    await platform.deliver([first, second]);
    // As if an older node had acknowledged the second unread.
    await platform.sql("DELETE FROM report.inbox WHERE event_id = $1", [second.id]);
    await platform.sql("DELETE FROM report.dim_store WHERE code = 'S2'");
    await platform.sql("UPDATE report.dim_store SET name = 'renamed since' WHERE code = 'S1'");
    const { consumers } = await operator.jetstreamManager();
    await consumers.delete(STREAM, "report");
    await until(async () => (await stores()).length === 2);
    await platform.deliver([opened("S3")]);
    await until(async () => (await stores()).length === 3);
    expect(await platform.sql("SELECT code, name FROM report.dim_store ORDER BY code")).toEqual([{ code: "S1", name: "renamed since" }, { code: "S2", name: "S2" }, { code: "S3", name: "S3" }]);
    expect((await consumers.info(STREAM, "report")).delivered.consumer_seq).toBe(3);
  }, 90_000);
});

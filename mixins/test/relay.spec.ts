import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { newId } from "../../lib/ids.ts";
import { startTestPlatform, type TestPlatform } from "../../test/support/platform.ts";
import { until } from "../../test/support/until.ts";
import { sql } from "../database.ts";

const alder = newId();
const LEAD = sql("test.relay-lead", "SELECT pg_advisory_xact_lock(hashtext('outbox ' || current_schema()))");

describe("a relay whose event store was lost", () => {
  let platform: TestPlatform;
  beforeAll(async () => { platform = await startTestPlatform({ services: ["purchasing"] }); });
  afterAll(() => platform.stop());

  const sentTo = async () => (await platform.sql<{ to: string | null }>("SELECT published_to AS to FROM purchasing.outbox WHERE published_at IS NOT NULL"))[0]?.to;

  it("sends again what the old one took when it leads, and touches nothing while another does", async () => {
    const { bus } = platform.platform, database = platform.platform.database("purchasing");
    await database.inTenant(alder, async (tx) => tx.emit({ type: "test.happened", subject: alder, data: {} }));
    await platform.quiesce();
    await platform.sql("UPDATE purchasing.outbox SET published_to = 'the old one'");
    await platform.platform.worker("purchasing").asWorker(async (tx) => {
      await tx.query(LEAD);
      bus.incarnation = () => Promise.resolve("the new one");
      await new Promise((wake) => setTimeout(wake, 2_500)); // longer than a relay sleeps
      expect(await sentTo()).toBe("the old one");
    });
    await until(async () => (await sentTo()) === "the new one");
  }, 30_000);
});

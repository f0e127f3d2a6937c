import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { newId } from "../../lib/ids.ts";
import { document, event, line } from "../../services/report/test/support.ts";
import { startTestPlatform, type TestPlatform } from "../../test/support/platform.ts";

describe("an event of another epoch than the data's", () => {
  let platform: TestPlatform;
  const alder = newId(), sale = () => document({ storeId: newId(), lines: [line({ variantId: newId(), priceMinor: 1099 })] });
  beforeAll(async () => { platform = await startTestPlatform({ services: ["report"] }); });
  afterAll(async () => { await platform.stop(); });

  it("is not applied, and holds up none that is of the data's own", async () => {
    const lost = { ...event(alder, "order.completed", sale()), epoch: newId() }, ours = event(alder, "order.completed", sale());
    await platform.deliver([lost, ours]);
    expect(await platform.sql("SELECT event_id AS id FROM report.inbox")).toEqual([{ id: ours.id }]);
    expect(await platform.sql("SELECT count(*)::int AS sales FROM report.fact_document")).toEqual([{ sales: 1 }]);
  });
});

import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import pg from "pg";
import { ended, openShop, send, startTestPlatform, type Shop, type TestPlatform } from "../support.ts";
import { until } from "../../../../test/support/until.ts";

let platform: TestPlatform, shop: Shop;
beforeAll(async () => {
  platform = await startTestPlatform({ services: ["workflow", "auth", "entity", "catalog", "purchasing"] });
  shop = await openShop(platform, "alder");
});
afterAll(() => platform.stop());

interface Row { fence: number; status: string; done: number; lease: number }
const jobRow = async (id: string): Promise<Row> => (await platform.sql<Row>("SELECT fence::int, status, done_line::int AS done, extract(epoch FROM lease_until)::float AS lease FROM workflow.import_job WHERE id = $1", [id]))[0]!;

describe("the job of an import", () => {
  it("stays with its runner for as long as a batch takes", async () => {
    const blocker = new pg.Client({ connectionString: platform.databaseUrl });
    await blocker.connect();
    await blocker.query("BEGIN; LOCK TABLE purchasing.supplier IN ACCESS EXCLUSIVE MODE");
    const { id } = await send(platform, shop.tenantId, { type: "suppliers" }, "name\nAlder Supplies\n");
    await until(async () => (await jobRow(id)).status === "running");
    const first = await jobRow(id);
    await until(async () => (await jobRow(id)).lease > first.lease);
    expect(await jobRow(id)).toMatchObject({ fence: 1, status: "running", done: 0 });
    await blocker.query("COMMIT");
    await blocker.end();
    expect(await ended(platform, shop.tenantId, id)).toMatchObject({ status: "completed", counts: { rows: 1, imported: 1 } });
    expect((await jobRow(id)).fence).toBe(1);
  });
});

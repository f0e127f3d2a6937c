import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { newId } from "../../lib/ids.ts";
import { sql } from "../database.ts";
import { startTestPlatform, type TestPlatform } from "../../test/support/platform.ts";

const alder = newId(), birch = newId();
const COUNT = sql("test.count", "SELECT count(*)::int AS n FROM outbox");

describe("a tenant's transaction", () => {
  let platform: TestPlatform;
  beforeAll(async () => { platform = await startTestPlatform({ services: ["purchasing", "report"] }); });
  afterAll(async () => { await platform.stop(); });

  it("sees its own rows only, and without a tenant none", async () => {
    const database = platform.platform.database("purchasing");
    await database.inTenant(alder, async (tx) => { tx.emit({ type: "test.happened", subject: alder, data: { n: 1 } }); });
    const count = (tenant: string) => database.inTenant(tenant, async (tx) => (await tx.query<{ n: number }>(COUNT))[0]!.n);
    expect(await count(alder)).toBe(1);
    expect(await count(birch)).toBe(0);
    const [rows] = await database.sequelize.query("SELECT * FROM outbox");
    expect(rows).toEqual([]);
  });

  it("is not opened for a tenant whose id is no UUID: the id is part of what is sent", async () => {
    const forged = `${alder}'; SET LOCAL app.tenant_id = '${birch}`;
    await expect(platform.platform.database("purchasing").inTenant(forged, (tx) => tx.query(COUNT))).rejects.toThrow(/UUID/);
  });

  it("cannot reach another service's schema", async () => {
    await expect(platform.platform.database("purchasing").sequelize.query('SELECT * FROM "report".outbox')).rejects.toThrow(/permission denied/);
  });

  it("hands its events to the bus after the commit", async () => {
    await platform.quiesce();
    expect(await platform.sql("SELECT type FROM purchasing.outbox WHERE published_at IS NOT NULL")).toEqual([{ type: "test.happened" }]);
  });

  it("leaves nothing behind when it fails", async () => {
    const database = platform.platform.database("purchasing");
    await expect(database.inTenant(birch, async (tx) => {
      tx.emit({ type: "test.happened", subject: birch, data: {} });
      await tx.query(sql("test.broken", "SELECT 1 / 0"));
    })).rejects.toThrow(/division/);
    expect(await platform.sql("SELECT 1 FROM purchasing.outbox WHERE tenant_id = $1", [birch])).toEqual([]);
  });
});

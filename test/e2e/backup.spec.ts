import { cpSync, existsSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { run } from "../../bench/measure.ts";
import { Client } from "../../scripts/client.ts";
import { startProcess, type PlatformProcess } from "../support/process.ts";
import { everyOrder, level, stockedShop, type Shop } from "../support/shop.ts";
import { sell, startSelling, type Sale } from "../support/seller.ts";
import { ROOT } from "../support/source-files.ts";
import { until } from "../support/until.ts";

/* The drill of docs/operations.md: a backup under running sales, more sales, the loss of everything, a restore. */

const STOCK = 10_000;

describe("a backup taken while tills sell, restored on another machine", () => {
  const folder = mkdtempSync(join(tmpdir(), "beaveros-drill-")), lost = join(folder, "lost"), found = join(folder, "found"), backup = join(folder, "backup.gz");
  const script = (dataDir: string, name: string, ...given: string[]) => run(process.execPath, [join(ROOT, "scripts", name), ...given], { DATA_DIR: dataDir, DATABASE_URL: "", NODE_OPTIONS: "" });
  let running: PlatformProcess, shop: Shop, sales: readonly Sale[];
  let startedAt = 0, endedAt = 0;
  const salesInReport = async () => (await shop.client.get("/v1/reports/sales?groupBy=day")).totals;

  beforeAll(async () => {
    running = await startProcess({ dataDir: lost });
    shop = await stockedShop(running.base, { stock: { "MUG-RED": STOCK } });
    const tills = startSelling(shop, 6);
    await until(() => tills.sales.filter(({ answeredAt }) => answeredAt).length > 40);
    startedAt = Date.now();
    const taken = await script(lost, "backup.ts", "--out", backup);
    endedAt = Date.now();
    expect(taken).toMatchObject({ code: 0, out: expect.stringMatching(/rows of \d+ tables as of /) });
    await until(() => tills.sales.filter(({ sentAt, answeredAt }) => sentAt > endedAt && answeredAt).length > 20);
    await tills.stop();
    sales = tills.sales;
    await running.terminate();
  }, 120_000);
  afterAll(async () => {
    await running.terminate();
    rmSync(folder, { recursive: true, force: true });
  });

  it("is a file of its owner's alone, and replaces none", async () => {
    expect(statSync(backup).mode & 0o777).toBe(0o600);
    expect(existsSync(`${backup}.partial`)).toBe(false);
    expect(await script(lost, "backup.ts", "--out", backup)).toMatchObject({ code: 1, out: expect.stringContaining("is there already: a backup replaces no other") });
  }, 60_000);

  it("asks for the key of the installation before it makes anything", async () => {
    expect(await script(found, "restore.ts", "--from", backup)).toMatchObject({ code: 1, out: expect.stringContaining("copy the folder secrets of the installation there, or set DATA_ENCRYPTION_KEY") });
    expect(existsSync(found)).toBe(false);
  });

  it("is restored, and the audit finds no difference", async () => {
    cpSync(join(lost, "secrets"), join(found, "secrets"), { recursive: true });
    expect(await script(found, "restore.ts", "--from", backup)).toMatchObject({ code: 0, out: expect.stringMatching(/^Restored \d+ rows, equal to those of /) });
    expect(await script(found, "audit.ts")).toMatchObject({ code: 0, out: expect.stringContaining("No difference in 1 tenant(s).") });
  }, 120_000);

  it("holds every sale that was answered before it began, none that was made after it, and their figures", async () => {
    running = await startProcess({ dataDir: found });
    shop = { ...shop, client: new Client(running.base, shop.client.token) };
    // What was under way at the moment of the backup is finished or undone first.
    await until(async () => (await level(shop, "MUG-RED")).reserved === 0 && (await salesInReport()).orders === (await everyOrder(shop)).length);
    expect(await shop.client.get("/v1/audit/verify")).toMatchObject({ ok: true });
    const orders = await everyOrder(shop), ids = new Set(orders.map(({ id }) => id));
    const before = sales.filter(({ answeredAt }) => answeredAt !== undefined && answeredAt < startedAt), after = sales.filter(({ sentAt }) => sentAt > endedAt);
    expect([before.length > 20, after.length > 20]).toEqual([true, true]);
    expect(before.filter(({ id }) => !ids.has(id))).toEqual([]);
    expect(after.filter(({ id }) => ids.has(id))).toEqual([]);
    expect(await level(shop, "MUG-RED")).toMatchObject({ onHand: STOCK - orders.length, reserved: 0 });
    expect(await salesInReport()).toMatchObject({ orders: orders.length, gross: { amount: orders.reduce((sum, order) => sum + order.total.amount, 0) } });
  }, 120_000);

  it("lets a till send again what the restore lost, with the same key, and sells it once", async () => {
    const before = (await everyOrder(shop)).length, again = sales.filter(({ sentAt, answeredAt }) => sentAt > endedAt && answeredAt).slice(0, 10);
    for (const sale of again) expect(await sell(shop, sale)).toMatchObject({ id: sale.id, status: "paid" });
    for (const sale of again) expect(await sell(shop, sale)).toMatchObject({ id: sale.id, status: "paid" });
    expect(await everyOrder(shop)).toHaveLength(before + again.length);
  });

  it("answers a till that sends again what it holds as it did before", async () => {
    const kept = sales.find(({ answeredAt }) => answeredAt !== undefined && answeredAt < startedAt)!, before = (await everyOrder(shop)).length;
    expect(await sell(shop, kept)).toMatchObject({ id: kept.id, total: { amount: kept.total } });
    expect(await everyOrder(shop)).toHaveLength(before);
    expect(await shop.client.get("/v1/audit/verify")).toMatchObject({ ok: true });
  });

  it("goes into no database that holds something", async () => {
    await running.terminate();
    expect(await script(found, "restore.ts", "--from", backup)).toMatchObject({ code: 1, out: expect.stringMatching(/Nothing was restored\. The database is not empty \(\w+\.\w+ has rows\)/) });
  }, 60_000);
});

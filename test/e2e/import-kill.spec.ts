import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import pg from "pg";
import { runningDatabase } from "../../node/running-database.ts";
import { Client, openShop } from "../../scripts/client.ts";
import { endOf, importFile, sendFile } from "../support/imports.ts";
import { startProcess, type PlatformProcess } from "../support/process.ts";
import { ROOT } from "../support/source-files.ts";
import { until } from "../support/until.ts";

/* kill -9 of the real process in the middle of an import: the one that follows goes on, to the same totals as if nothing had been. */

const FOLDER = join(ROOT, "test", "data", "uci-online-retail-week1");
const WEEK = gunzipSync(readFileSync(join(FOLDER, "invoices.csv.gz"))).toString();
const LINES = 16_985, NET_REVENUE = 28_076_648, NET_UNITS = 125_476;
const PRODUCTS = `sku,name,price,barcode\n${Array.from({ length: 2_500 }, (_, n) => `SKU-${n},Product ${n},1.99,${n % 100 === 7 ? "4006381333932" : ""}\n`).join("")}`;
const STOCK = `sku,quantity,unitCost\n${Array.from({ length: 2_500 }, (_, n) => `SKU-${n},2,1\n`).join("")}`;
const CUSTOMERS = `name,email\n${Array.from({ length: 2_500 }, (_, n) => `Customer ${n},c${n}@alder.example\n`).join("")}`;
const SUPPLIERS = `reference,name\n${Array.from({ length: 2_500 }, (_, n) => `S-${n},Supplier ${n}\n`).join("")}`;

const dataDir = mkdtempSync(join(tmpdir(), "beaveros-import-kill-"));
let running: PlatformProcess, client: Client, storeId: string;
const isDead = () => running.child.exitCode !== null || running.child.signalCode !== null;

async function restart(failpoint = ""): Promise<void> {
  if (!isDead()) await running.kill();
  running = await startProcess({ dataDir, variables: { FAILPOINT: failpoint } });
  client = new Client(running.base, client.token);
  await endLeases();
}

/** The dead runner's lease ends in 15 s by itself; there is nothing to see meanwhile. */
async function endLeases(): Promise<void> {
  const database = new pg.Client({ connectionString: runningDatabase(dataDir)! });
  await database.connect();
  await database.query("UPDATE workflow.import_job SET lease_until = now() WHERE status = 'running'");
  await database.end();
}

beforeAll(async () => {
  running = await startProcess({ dataDir, variables: { FAILPOINT: "workflow.import.products:sent:kill" } });
  ({ client, storeId } = await openShop(running.base, { name: "UCI", country: "GB", currency: "GBP", timezone: "Europe/London" }));
}, 120_000);
afterAll(async () => {
  await running.terminate();
  rmSync(dataDir, { recursive: true, force: true });
});

describe("an import that is killed between a batch and its checkpoint", () => {
  it.each<[string, string, object, () => Promise<unknown>, unknown, string]>([
    ["products", PRODUCTS, { rows: 2_500, imported: 2_475, rejected: 25, skipped: 0 }, async () => (await client.get("/v1/variants?sku=SKU-2499")).data.length, 1, "inventory"],
    ["inventory", STOCK, { rows: 2_500, imported: 2_475, rejected: 25, skipped: 0 }, async () => (await client.get("/v1/reports/inventory-valuation")).totals.value, { amount: 495_000, currency: "GBP" }, "customers"],
    ["customers", CUSTOMERS, { rows: 2_500, imported: 2_500, rejected: 0, skipped: 0 }, async () => (await client.get("/v1/customers?email=c0@alder.example")).data.length, 1, "suppliers"],
    ["suppliers", SUPPLIERS, { rows: 2_500, imported: 2_500, rejected: 0, skipped: 0 }, async () => (await client.get("/v1/suppliers?limit=1&sort=name")).data[0].name, "Supplier 0", "sales"],
  ])("of %s ends with the counts of one that was not", async (type, file, counts, look, found, next) => {
    const query = `type=${type}&storeId=${storeId}`, { rejected } = counts as { rejected: number };
    const { body } = await sendFile(client, query, file);
    expect(await running.ended()).toBeNull(); // it died of the signal, not by itself
    await restart(`workflow.import.${next}:sent:kill`);
    const job = await endOf(client, body.id);
    expect(job).toMatchObject({ status: "completed", counts });
    expect(job.rejected).toHaveLength(rejected);
    await until(async () => isDeepStrictEqual(await look(), found));
    expect(await importFile(client, query, file)).toMatchObject({ counts: { imported: 0, rejected } });
  }, 120_000);
});

describe("an import of a real week", () => {
  it("that is killed in its first batch, then again and again at any moment, is whole in the end, to the penny", async () => {
    const { body } = await sendFile(client, `type=sales&storeId=${storeId}`, WEEK);
    expect(await running.ended()).toBeNull();
    for (const lifeMs of [300, 1_100]) {
      await restart();
      await new Promise((wake) => setTimeout(wake, lifeMs));
    }
    await restart();
    expect(await endOf(client, body.id)).toMatchObject({ status: "completed", counts: { rows: LINES, imported: LINES, rejected: 0, skipped: 0 }, rejected: [] });
    const report = () => client.get("/v1/reports/sales?from=2010-12-01&to=2010-12-07&groupBy=day");
    await until(async () => (await report()).totals.units === NET_UNITS);
    expect((await report()).totals).toMatchObject({ total: { amount: NET_REVENUE }, units: NET_UNITS });
    const audit = await client.get("/v1/audit/verify");
    expect(audit.checks.flatMap(({ differences }: { differences: unknown[] }) => differences)).toEqual([]);
  }, 180_000);
});

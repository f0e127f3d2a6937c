import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import pg from "pg";
import { runningDatabase } from "../../node/running-database.ts";
import { startProcess, type PlatformProcess } from "../support/process.ts";
import { cashSale, stockedShop, type Shop } from "../support/shop.ts";
import { ROOT } from "../support/source-files.ts";

/* The commands of the README, as a user runs them, beside a running platform. */

const dataDir = mkdtempSync(join(tmpdir(), "beaveros-commands-"));
let running: PlatformProcess, shop: Shop;
beforeAll(async () => {
  running = await startProcess({ dataDir });
  shop = await stockedShop(running.base, { name: "Alder", stock: { "MUG-RED": 100 } });
}, 90_000);
afterAll(async () => {
  await running.terminate();
  rmSync(dataDir, { recursive: true, force: true });
});

function command(script: string, args: string[] = [], input = ""): Promise<{ code: number | null; out: string }> {
  const { NODE_OPTIONS: _ours, ...inherited } = process.env;
  const child = spawn(process.execPath, [join(ROOT, "scripts", script), ...args], { cwd: ROOT, env: { ...inherited, DATABASE_URL: "", DATA_DIR: dataDir, BEAVEROS_URL: running.base, LOG_FORMAT: "json" } });
  let out = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => { out += chunk.toString(); });
  child.stdin.end(input);
  return new Promise((done) => child.on("close", (code) => done({ code, out })));
}

describe("npm run demo", () => {
  it("opens a tenant, sells, takes one back and shows the day", async () => {
    const { code, out } = await command("demo.ts");
    expect(out).toMatch(/Order .*: total 66.82 EUR, change 33.18/);
    expect(out).toMatch(/One mug came back: 10.99 EUR/);
    expect(out).toMatch(/"orders": 2/);
    expect(code).toBe(0);
  }, 60_000);
});

describe("npm run demo:import", () => {
  const HEADER = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country";

  it("imports the real week and shows that every figure is the file's own", async () => {
    const { code, out } = await command("demo-import.ts");
    expect(out).toMatch(/completed in [\d.]+ s: 16985 rows, 16985 imported, 0 skipped, 0 rejected/);
    expect(out).toMatch(/Net revenue +280766\.48 {2}= 280766\.48/);
    expect(out).not.toContain("≠");
    expect(out).toContain("Every figure is the file's own, to the cent.");
    expect(code).toBe(0);
  }, 90_000);

  it("imports a file of one's own, compares it with the totals beside it, and ends with 1 when they differ", async () => {
    const folder = mkdtempSync(join(tmpdir(), "beaveros-demo-")), file = join(folder, "sales.csv");
    writeFileSync(file, `${HEADER}\n1,MUG,Mug,2,2010-12-01 08:26:00,2.55,,France\n2,MUG,Mug,1,2010-12-01 08:30:00,-1,,France\n`);
    writeFileSync(join(folder, "totals.json"), JSON.stringify({ overall: { net_revenue: "5.11" }, per_day: {}, per_country: { France: { net_revenue: "5.10" } }, top10_products_by_net_revenue: [] }));
    const { code, out } = await command("demo-import.ts", [file]);
    rmSync(folder, { recursive: true });
    expect(out).toMatch(/line 3: negative_price/);
    expect(out).toMatch(/France +5\.10 {2}= 5\.10/);
    expect(out).toMatch(/Net revenue +5\.10 {2}≠ 5\.11 EXPECTED/);
    expect(code).toBe(1);
  }, 60_000);

  it("says in a sentence that there is no such file", async () => {
    expect(await command("demo-import.ts", ["nowhere.csv"])).toEqual({ code: 1, out: expect.stringMatching(/^There is no file nowhere\.csv: give a \.csv or \.csv\.gz with the columns .*\n$/) });
  });
});

describe("npm run audit", () => {
  it("ends with 0 when everything adds up", async () => {
    await shop.client.post("/v1/orders", cashSale(shop, { "MUG-RED": 2 }));
    const { code, out } = await command("audit.ts");
    expect(out).toMatch(/stock levels/);
    expect(code).toBe(0);
  }, 60_000);

  it.each([
    ["a stock level", "UPDATE catalog.stock_level SET on_hand = on_hand + 1 WHERE variant_id = $1"],
    ["a report's figure", "UPDATE report.fact_sale_line SET total_minor = total_minor + 1 WHERE variant_id = $1"],
  ])("ends with 1 and names the row when one unit or cent of %s is wrong", async (_, flip) => {
    const client = new pg.Client({ connectionString: runningDatabase(dataDir)! });
    await client.connect();
    await client.query(flip, [shop.variants["MUG-RED"]]);
    const { code, out } = await command("audit.ts");
    await client.query(flip.replace("+ 1", "- 1"), [shop.variants["MUG-RED"]]);
    await client.end();
    expect(code).toBe(1);
    expect(out).toMatch(/expected|actual|≠|differ/i);
  }, 60_000);
});

describe("npm run repl", () => {
  it("lists actions, explains them, and calls one for the chosen tenant", async () => {
    const slug = (await shop.client.get("/v1/tenant")).slug as string;
    const order = JSON.stringify(cashSale(shop, { "MUG-RED": 1 }));
    const { out } = await command("repl.ts", [], [`tenant ${slug}`, "actions", "describe order.place-order", `call order.place-order '${order}'`, "exit"].join("\n") + "\n");
    expect(out).toMatch(new RegExp(`Acting for ${slug}`));
    expect(out).toMatch(/order\.placeOrder/);
    expect(out).toMatch(/permission\s+order\.orders\.write/);
    expect(out).toMatch(/status: .*'paid'/);
  }, 60_000);
});

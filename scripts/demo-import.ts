import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { gunzipSync } from "node:zlib";
import { openShop, type Client } from "./client.ts";

/* `npm run demo:import [-- file]`: replays a shop's history on a running platform and prints what the sales report says beside what it should say.
   Without a file: the real week of the UCI Online Retail set, in test/data. */
const BASE = process.env.BEAVEROS_URL ?? `http://127.0.0.1:${process.env.PORT ?? 3000}`;
const WEEK = join(import.meta.dirname, "..", "test", "data", "uci-online-retail-week1", "invoices.csv.gz");
const POLL_MS = 250;
/** Looks at a report that must agree before it is taken as final. */
const QUIET_LOOKS = 8;
const BEST_MAX = 10;

interface Figures { net_revenue: string; gross_sales?: string; cancellations_value?: string }
interface Totals { overall: Figures; per_day: Record<string, Figures>; per_country: Record<string, Figures>; top10_products_by_net_revenue: { stock_code: string; net_revenue: string }[] }
interface Row { key: string; label: string; total: { amount: number }; gross: { amount: number }; returns: { amount: number } }
interface Report { rows: Row[]; totals: Row; asOf: string }

async function demo(): Promise<void> {
  const file = findFile();
  const csv = file.endsWith(".gz") ? gunzipSync(readFileSync(file)).toString() : readFileSync(file, "utf8");
  const totalsFile = join(dirname(file), "totals.json");
  const expected = existsSync(totalsFile) ? JSON.parse(readFileSync(totalsFile, "utf8")) as Totals : undefined;

  const { client, storeId, email, password } = await openShop(BASE, { name: "Online Retail", country: "GB", currency: "GBP", timezone: "Europe/London" });
  console.log(`Tenant open: ${email} / ${password}\nImporting ${file} …`);
  const start = performance.now();
  const job = await importSales(client, storeId, csv);
  const { counts } = job, seconds = (performance.now() - start) / 1000;
  console.log(`${job.status} in ${seconds.toFixed(1)} s: ${counts.rows} rows, ${counts.imported} imported, ${counts.skipped} skipped, ${counts.rejected} rejected${job.message ? `: ${job.message}` : ""}`);
  for (const row of job.rejected.slice(0, BEST_MAX)) console.log(`  line ${row.line}: ${row.code}: ${row.message}`);
  if (job.status !== "completed") throw new Error("The import did not complete.");
  await print(client, expected, csv);
}

function findFile(): string {
  const file = process.argv[2] ?? process.env.IMPORT_FILE ?? WEEK;
  if (existsSync(file)) return file;
  throw new Error(`There is no file ${file}: give a .csv or .csv.gz with the columns InvoiceNo, StockCode, Description, Quantity, InvoiceDate, UnitPrice, CustomerID, Country.`);
}

async function importSales(client: Client, storeId: string, csv: string): Promise<Record<string, any>> {
  let job = (await client.send("POST", `/v1/imports?type=sales&storeId=${storeId}`, csv, { "content-type": "text/csv" })).body as Record<string, any>;
  while (!["completed", "failed"].includes(job.status)) {
    await new Promise((wake) => setTimeout(wake, POLL_MS));
    job = await client.get(`/v1/imports/${job.id}`);
    if (process.stdout.isTTY) process.stdout.write(`\r${job.status}: ${job.counts.rows} rows\r`);
  }
  return job;
}

async function print(client: Client, expected: Totals | undefined, csv: string): Promise<void> {
  const range = `from=${firstDay(csv)}&to=${lastDay(csv)}`;
  const report = (groupBy: string) => client.get<Report>(`/v1/reports/sales?${range}&groupBy=${groupBy}`);
  const days = await settled(() => report("day"));
  table("Day", days.rows, (row) => expected?.per_day[row.key]?.net_revenue);
  table("Country", byTotal((await report("country")).rows), (row) => expected?.per_country[row.key]?.net_revenue);
  const best = byTotal((await report("variant")).rows).slice(0, BEST_MAX);
  table("Best products", best, (_row, index) => expected?.top10_products_by_net_revenue[index]?.net_revenue);
  line("Net revenue", days.totals.total.amount, expected?.overall.net_revenue);
  line("Gross sales", days.totals.gross.amount, expected?.overall.gross_sales);
  line("Returns", -days.totals.returns.amount, expected?.overall.cancellations_value);
  if (expected) console.log(process.exitCode ? "\nThe report is NOT what the file adds up to." : "\nEvery figure is the file's own, to the cent.");
}

/** The projection is a moment behind: asks until it has been still for a while. */
async function settled(ask: () => Promise<Report>): Promise<Report> {
  let last = await ask();
  for (let quiet = 0; quiet < QUIET_LOOKS; ) {
    await new Promise((wake) => setTimeout(wake, POLL_MS));
    const next = await ask();
    quiet = next.totals.total.amount === last.totals.total.amount ? quiet + 1 : 0;
    last = next;
  }
  return last;
}

const DAY = /,(\d{4}-\d{2}-\d{2})[ T]/g;
const firstDay = (csv: string): string => bounds(csv)[0] ?? "1990-01-01";
const lastDay = (csv: string): string => bounds(csv)[1] ?? new Date().toISOString().slice(0, 10);
function bounds(csv: string): [string?, string?] {
  let first: string | undefined, last: string | undefined;
  for (const [, day] of csv.matchAll(DAY)) {
    if (first === undefined || day! < first) first = day!;
    if (last === undefined || day! > last) last = day!;
  }
  return first && last ? [first, last] : [];
}

const byTotal = (rows: Row[]): Row[] => rows.toSorted((a, b) => b.total.amount - a.total.amount);

function table(title: string, rows: Row[], expectedOf: (row: Row, index: number) => string | undefined): void {
  console.log(`\n${title}`);
  for (const [index, row] of rows.entries()) line(row.label || row.key, row.total.amount, expectedOf(row, index));
}

function line(label: string, amount: number, expected: string | undefined): void {
  const verdict = expected === undefined ? "" : Math.round(Number(expected) * 100) === amount ? `  = ${expected}` : `  ≠ ${expected} EXPECTED`;
  if (verdict.includes("≠")) process.exitCode = 1;
  console.log(`  ${label.slice(0, 36).padEnd(36)} ${(amount / 100).toFixed(2).padStart(12)}${verdict}`);
}

try {
  await demo();
} catch (error) {
  const { cause, message } = error as Error & { cause?: { code?: string } };
  console.error(cause?.code === "ECONNREFUSED" ? `Nobody listens on ${BASE}: start the platform with npm start in another terminal, or set BEAVEROS_URL.` : message);
  process.exitCode = 1;
}

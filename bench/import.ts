import { createReadStream, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { gunzipSync } from "node:zlib";
import { openShop, type Client } from "../scripts/client.ts";
import { cpuSeconds, startServer, type Server } from "./measure.ts";

/* `npm run bench:import [-- --lines 540000 --json out.json]`: a year of history, made of a real week with other numbers and days, sent over REST in one go.
   The clock runs from the first byte of the upload until the sales report has the last line. */
const { values: options } = parseArgs({ options: { lines: { type: "string", default: "540000" }, json: { type: "string" } } });
const WEEK = join(import.meta.dirname, "..", "test", "data", "uci-online-retail-week1", "invoices.csv.gz");
const TARGET_LINES_PER_S = 5_000, TARGET_RSS_MIB = 500;
const DAY_MS = 86_400_000;
const POLL_MS = 250;
/** Of the week, in pence. */
const NET_REVENUE = 28_076_648;

interface File { path: string; lines: number; weeks: number; bytes: number }

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "beaveros-import-"));
  const file = writeFile(folder, Number(options.lines));
  const server = await startServer();
  try {
    const { client, storeId } = await openShop(server.base, { name: "Import", country: "GB", currency: "GBP", timezone: "Europe/London" });
    report(file, await measure(server, client, storeId, file));
  } finally {
    await server.stop();
    rmSync(folder, { recursive: true });
  }
}

/** Whole weeks, so that the sum of the report is known to the penny. */
function writeFile(folder: string, lines: number): File {
  const [header, ...rows] = gunzipSync(readFileSync(WEEK)).toString().trimEnd().split("\n");
  const weeks = Math.max(1, Math.round(lines / rows.length)), path = join(folder, "sales.csv");
  writeFileSync(path, `${header}\n`);
  for (let week = 0; week < weeks; week++) writeFileSync(path, rows.map((row) => shifted(row, week)).join("\n") + "\n", { flag: "a" });
  return { path, lines: weeks * rows.length, weeks, bytes: statSync(path).size };
}

function shifted(row: string, week: number): string {
  const moved = row.replace(/\d{4}-\d{2}-\d{2}/, (day) => new Date(Date.parse(day) + week * 7 * DAY_MS).toISOString().slice(0, 10));
  return moved.replace(/^([A-Z]?)(\d+)/, (_, kind: string, number: string) => `${kind}${Number(number) + week * 10_000}`);
}

async function measure(server: Server, client: Client, storeId: string, file: File) {
  const before = cpuSeconds(server), start = performance.now();
  let peak = 0;
  const watch = setInterval(() => { peak = Math.max(peak, rssOf(server.pid)); }, 100);
  const response = await fetch(`${server.base}/v1/imports?type=sales&storeId=${storeId}`, {
    method: "POST", headers: { "content-type": "text/csv", authorization: `Bearer ${client.token}` }, body: createReadStream(file.path), duplex: "half",
  } as never);
  if (response.status !== 202) throw new Error(`${response.status}: ${await response.text()}`);
  const uploaded = performance.now() - start;
  const job = await ended(client, (await response.json() as { id: string }).id);
  const imported = performance.now() - start;
  await projected(client, file);
  const total = performance.now() - start, after = cpuSeconds(server);
  clearInterval(watch);
  return { job, uploaded, imported, total, peak, node: after.node - before.node, postgres: after.postgres - before.postgres };
}

async function ended(client: Client, id: string): Promise<Record<string, any>> {
  for (;;) {
    const job = await client.get(`/v1/imports/${id}`);
    process.stderr.write(`\r${job.status}: ${job.counts.rows} `);
    if (["completed", "failed"].includes(job.status)) return job;
    await new Promise((wake) => setTimeout(wake, POLL_MS));
  }
}

/** @throws when the report does not come to the right sum within a minute */
async function projected(client: Client, file: File): Promise<void> {
  for (const deadline = Date.now() + 60_000; ;) {
    const { totals } = await client.get("/v1/reports/sales?from=2010-12-01&to=2015-12-31&groupBy=month");
    if (totals.total.amount === file.weeks * NET_REVENUE) return;
    if (Date.now() > deadline) throw new Error(`the report says ${totals.total.amount} and not ${file.weeks * NET_REVENUE}`);
    await new Promise((wake) => setTimeout(wake, POLL_MS));
  }
}

const rssOf = (pid: number): number => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))![1]) / 1024;

function report(file: File, m: Awaited<ReturnType<typeof measure>>): void {
  const linesPerS = Math.round(file.lines / m.total * 1000), peakMiB = Math.round(m.peak);
  const figures = {
    lines: file.lines, mib: +(file.bytes / 2 ** 20).toFixed(1), counts: m.job.counts, uploadS: +(m.uploaded / 1000).toFixed(1), importedS: +(m.imported / 1000).toFixed(1), inReportS: +(m.total / 1000).toFixed(1),
    linesPerS, peakRssMiB: peakMiB, cpuS: { node: +m.node.toFixed(1), postgres: +m.postgres.toFixed(1) },
  };
  console.log(`\n\n| figure | value | target |\n| --- | ---: | ---: |\n| lines (${figures.mib} MiB) | ${file.lines} | |\n| upload, s | ${figures.uploadS} | |\n| imported after, s | ${figures.importedS} | |`);
  console.log(`| in the report after, s | ${figures.inReportS} | |\n| lines a second | ${linesPerS} | ≥ ${TARGET_LINES_PER_S} |\n| peak RSS of the node process, MiB | ${peakMiB} | < ${TARGET_RSS_MIB} |\n| CPU, node / PostgreSQL, s | ${figures.cpuS.node} / ${figures.cpuS.postgres} | |\n`);
  console.log(JSON.stringify(figures));
  if (options.json) writeFileSync(options.json, JSON.stringify(figures, null, 2));
  if (linesPerS < TARGET_LINES_PER_S || peakMiB >= TARGET_RSS_MIB) process.exitCode = 1;
}

await main();

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { newId } from "../lib/ids.ts";
import { startNode } from "../node/broker.ts";
import { startEmbeddedDatabase } from "../node/embedded-database.ts";
import { readEnvironment } from "../node/environment.ts";
import type { CloudEvent } from "../node/event-bus.ts";
import { migrate } from "../node/migrate.ts";
import { loadSecrets } from "../node/secrets.ts";
import { document, event, line } from "../services/report/test/support.ts";

/* `node bench/projection.ts`: what the projection of a sale costs, and how fast replayed history goes in. Default durability. */

const SALES = 10_000, BATCH = 50, LINES = 3;
const IMPORT_DOCUMENTS = 1_000, IMPORT_LINES = 20, IMPORT_BATCHES = 5;
const TICKS_PER_S = 100;

const tenant = newId(), store = newId();
const variants = Array.from({ length: 1_000 }, () => newId());
const pick = () => variants[Math.floor(Math.random() * variants.length)]!;
const lines = (count: number) => Array.from({ length: count }, () => line({ variantId: pick(), priceMinor: 1999 }));

function sale(): CloudEvent[] {
  const sold = document({ storeId: store, lines: lines(LINES) });
  const captured = { paymentId: newId(), orderId: sold.documentId, storeId: store, registerId: null, method: "cash" as const, provider: "none", amountMinor: 5997, currency: "EUR", businessDay: "2026-01-31", at: sold.at };
  const movements = sold.lines.map((row) => ({ movementId: newId(), variantId: row.variantId, quantityThousandths: -1000, valueMinor: -900, kind: "sale", at: sold.at }));
  return [event(tenant, "order.completed", sold), event(tenant, "payment.captured", captured),
    event(tenant, "catalog.stockMoved", { storeId: store, currency: "EUR", documentType: "order", documentId: sold.documentId, movements })];
}

/** CPU seconds of a process, or of all processes of the database. */
function cpuOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").replace(/^.*\) /, "").split(" ");
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_S;
}
function childrenOf(pid: number): number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ").filter(Boolean).map(Number);
}

const dataDir = mkdtempSync(join(tmpdir(), "beaveros-bench-"));
const database = await startEmbeddedDatabase({ dataDir });
const environment = readEnvironment({ DATA_DIR: dataDir, LOG_LEVEL: "fatal", LOG_FORMAT: "json" });
const secrets = loadSecrets(environment);
await migrate(database.url, environment, secrets);
const node = await startNode({ environment, secrets, databaseUrl: database.url, services: ["report"] });
const databaseCpu = () => childrenOf(database.pid).reduce((sum, pid) => sum + cpuOf(pid), 0);

async function measure(batches: readonly (readonly CloudEvent[])[]): Promise<{ seconds: number; nodeCpu: number; databaseCpu: number }> {
  const start = { at: performance.now(), node: process.cpuUsage(), database: databaseCpu() };
  for (const batch of batches) await node.platform.bus.publish(batch);
  const used = process.cpuUsage(start.node);
  return { seconds: (performance.now() - start.at) / 1000, nodeCpu: (used.user + used.system) / 1e6, databaseCpu: databaseCpu() - start.database };
}

// The relays of order, payment and catalog hand over a batch each.
const batchesOf = (count: number) => Array.from({ length: count / BATCH }, () => Array.from({ length: BATCH }, sale)).flatMap((sales) => [0, 1, 2].map((part) => sales.map((events) => events[part]!)));
const history = () => [event(tenant, "order.imported", { documents: Array.from({ length: IMPORT_DOCUMENTS }, () => document({ storeId: store, imported: true, businessDay: "2011-03-04", lines: lines(IMPORT_LINES) })) })];

await measure(batchesOf(1_000)); // plans, caches
const sales = await measure(batchesOf(SALES));
const imported = await measure(Array.from({ length: IMPORT_BATCHES }, history));
console.log(JSON.stringify({
  salesProjected: SALES, batch: BATCH, msCpuPerSale: { node: (sales.nodeCpu * 1000) / SALES, postgres: (sales.databaseCpu * 1000) / SALES }, salesPerSecond: Math.round(SALES / sales.seconds),
  importedLinesPerSecond: Math.round((IMPORT_BATCHES * IMPORT_DOCUMENTS * IMPORT_LINES) / imported.seconds),
}, null, 2));
await node.stop();
await database.stop();
rmSync(dataDir, { recursive: true, force: true });

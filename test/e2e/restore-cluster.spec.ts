import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { newId } from "../../lib/ids.ts";
import { readEnvironment, type Environment } from "../../node/environment.ts";
import { loadSecrets } from "../../node/secrets.ts";
import { openBackup, restoreBackup } from "../../scripts/backup/restore.ts";
import { takeBackup } from "../../scripts/backup/take.ts";
import { Client } from "../../scripts/client.ts";
import { clusterReady, startLocalCluster, type LocalCluster } from "../../scripts/local-cluster.ts";
import { emptyDatabase, query } from "../support/databases.ts";
import { sell, type Sale } from "../support/seller.ts";
import { cashSale, everyOrder, stockedShop, type Shop } from "../support/shop.ts";
import { until } from "../support/until.ts";

/* A cluster whose report is behind when the backup is taken: the event store then holds events that the backup's inboxes lack,
   and events of sales that are no more after the restore. */

const STOCK = 10_000;

describe("a cluster restored from a backup", () => {
  const dataDir = mkdtempSync(join(tmpdir(), "beaveros-restored-")), backup = join(dataDir, "backup.gz"), outputs: string[] = [];
  let cluster: LocalCluster, environment: Environment, shop: Shop;
  const consumed: Sale[] = [], published: Sale[] = [], lost: Sale[] = [];

  const sellTo = async (sales: Sale[], count: number) => {
    for (let n = 0; n < count; n++) {
      const id = newId(), sale = { id, key: newId(), body: { id, ...cashSale(shop, { "MUG-RED": 1 }) }, sentAt: Date.now() };
      sales.push(sale);
      await sell(shop, sale);
    }
  };
  const reported = async () => (await shop.client.get("/v1/reports/sales?groupBy=day")).totals?.orders ?? 0;
  const stopNodes = () => Promise.all(cluster.nodes.map((node) => node.end("SIGTERM")));

  beforeAll(async () => {
    cluster = await startLocalCluster({ dataDir, nodes: [["auth", "entity", "catalog", "payment", "order", "purchasing", "workflow", "api"], ["report"]], settings: { fsync: "off" }, print: (node, line) => outputs.push(`${node} ${line}`) });
    await clusterReady(cluster);
    environment = readEnvironment({ DATABASE_URL: cluster.database.url, ...JSON.parse(readFileSync(join(dataDir, "keys", "master.json"), "utf8")) as Record<string, string> });
    shop = await stockedShop(cluster.nodes[0]!.base, { stock: { "MUG-RED": STOCK } });
    await sellTo(consumed, 10);
    await until(async () => (await reported()) === 10);
    await cluster.nodes[1]!.end("SIGKILL");
    await sellTo(published, 10);
    await until(async () => (await unpublished(cluster.database.url)) === 0);
    await takeBackup({ path: backup, url: cluster.database.url, environment });
    await sellTo(lost, 10);
    await until(async () => (await unpublished(cluster.database.url)) === 0);
    await stopNodes();
  }, 120_000);
  afterAll(async () => {
    await cluster.stop();
    rmSync(dataDir, { recursive: true, force: true });
  });

  const restart = async () => {
    const url = await emptyDatabase(cluster.database.url);
    await restoreBackup(await openBackup(backup, loadSecrets(environment)), { url, environment: { ...environment, databaseUrl: url }, secrets: loadSecrets(environment) });
    const bare = new URL(url);
    [bare.username, bare.password] = ["", ""];
    for (const node of cluster.nodes) node.start({ DATABASE_URL: bare.href });
    await clusterReady(cluster);
    shop = { ...shop, client: new Client(cluster.nodes[0]!.base, shop.client.token) };
  };
  const expectTheTimeOfTheBackup = async () => {
    await until(async () => (await reported()) === 20);
    expect(await everyOrder(shop)).toHaveLength(20);
    await sellTo([], 1); // what comes next finds its way, and nothing of the lost time comes with it
    await until(async () => (await reported()) === 21);
    expect(await shop.client.get("/v1/audit/verify")).toMatchObject({ ok: true });
  };

  it("beside an event store that went on: what the report had not taken comes again, what is no more is not told", async () => {
    await restart();
    await expectTheTimeOfTheBackup();
    expect(outputs.join("\n")).toMatch(/report-1 .*events of before the restore are not applied/);
  }, 120_000);

  it("lets the lost sales be sent again with their keys, each once", async () => {
    for (const sale of [...lost, ...lost]) expect(await sell(shop, sale)).toMatchObject({ id: sale.id, status: "paid" });
    await until(async () => (await reported()) === 31);
    expect(await everyOrder(shop)).toHaveLength(31);
    expect(await shop.client.get("/v1/audit/verify")).toMatchObject({ ok: true });
    await stopNodes();
  }, 120_000);

  it("beside an empty event store: the same", async () => {
    await cluster.nats.stop();
    rmSync(cluster.natsFolder, { recursive: true });
    await cluster.startNats();
    await restart();
    await expectTheTimeOfTheBackup();
  }, 120_000);
});

async function unpublished(url: string): Promise<number> {
  return (await query<{ n: number }>(url, `SELECT ((SELECT count(*) FROM "order".outbox WHERE published_at IS NULL) + (SELECT count(*) FROM payment.outbox WHERE published_at IS NULL) + (SELECT count(*) FROM catalog.outbox WHERE published_at IS NULL))::int AS n`))[0]!.n;
}

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { newId } from "../../lib/ids.ts";
import { startNode, type Node } from "../../node/broker.ts";
import { readEnvironment, type Environment } from "../../node/environment.ts";
import { migrate } from "../../node/migrate.ts";
import { loadSecrets, type Secrets } from "../../node/secrets.ts";
import { acceptRecovered, openBackup, restoreBackup } from "../../scripts/backup/restore.ts";
import { takeBackup } from "../../scripts/backup/take.ts";
import { emptyDatabase, query } from "../support/databases.ts";
import { startSelling } from "../support/seller.ts";
import { stockedShop } from "../support/shop.ts";
import { ROOT } from "../support/source-files.ts";
import { until } from "../support/until.ts";

/* Databases of the operator's own: backups out of one and out of several, and what is refused. */

const own = readEnvironment({ DATA_DIR: process.env.TEST_DATA_DIR!, PORT: "0", LOG_LEVEL: "fatal", LOG_FORMAT: "json", RATE_LIMIT_PER_MINUTE: "0" });
const secrets = loadSecrets(own);
const folder = mkdtempSync(join(tmpdir(), "beaveros-restore-"));
const file = (name: string) => join(folder, name);
const key = (name: string) => join(process.env.TEST_DATA_DIR!, "secrets", name);

async function restore(from: string, url: string, given: { secrets?: Secrets; report?: string } = {}): Promise<void> {
  const backup = await openBackup(from, given.secrets ?? secrets);
  await restoreBackup(backup, { url, environment: { ...own, databaseUrl: url, serviceDatabaseUrls: given.report ? { report: given.report } : {} }, secrets });
}

/** A backup with a change in its text. */
function tampered(from: string, change: (text: string) => string): string {
  const to = file(`${newId()}.gz`);
  writeFileSync(to, gzipSync(change(gunzipSync(readFileSync(from)).toString())));
  return to;
}

const rowsOf = async (url: string) => (await query<{ n: number }>(url, `SELECT ((SELECT count(*) FROM "order".orders) + (SELECT count(*) FROM auth.users) + (SELECT count(*) FROM report.fact_document))::int AS n`))[0]!.n;

let main: string, ofReport: string, node: Node, environment: Environment;
beforeAll(async () => {
  [main, ofReport] = [await emptyDatabase(), await emptyDatabase()];
  environment = { ...own, databaseUrl: main, serviceDatabaseUrls: { report: ofReport }, dataEncryptionKey: readFileSync(key("data-encryption-key"), "utf8") };
  await migrate(main, environment, secrets);
  node = await startNode({ environment, secrets, databaseUrl: main });
}, 60_000);
afterAll(async () => {
  await node.stop();
  rmSync(folder, { recursive: true, force: true });
});

describe("a backup of services with databases of their own", () => {
  it("is of one moment in all of them: no service is ahead of another", async () => {
    const { port } = (node.broker.getLocalService("api") as unknown as { server: { address(): { port: number } } }).server.address();
    const tills = startSelling(await stockedShop(`http://127.0.0.1:${port}`, { stock: { "MUG-RED": 10_000 } }), 4);
    try {
      for (const [at, name] of ["first", "second", "third"].entries()) {
        await until(() => tills.sales.length > 10 * (at + 1));
        await takeBackup({ path: file(name), url: main, environment });
      }
    } finally {
      await tills.stop();
    }
    expect(tills.sales.filter(({ answeredAt }) => answeredAt === undefined)).toEqual([]);
    for (const name of ["first", "second", "third"]) {
      const whole = await emptyDatabase();
      await restore(file(name), whole);
      expect(await query(whole, `SELECT event_id FROM report.inbox WHERE event_id NOT IN (SELECT id FROM "order".outbox UNION ALL SELECT id FROM payment.outbox UNION ALL SELECT id FROM catalog.outbox UNION ALL SELECT id FROM entity.outbox)`)).toEqual([]);
      expect(await query(whole, `SELECT id FROM "order".outbox WHERE published_at IS NOT NULL AND type = 'order.completed' AND id NOT IN (SELECT event_id FROM report.inbox)`)).toEqual([]);
      expect(await rowsOf(whole)).toBeGreaterThan(10);
    }
  }, 120_000);

  it("goes back into several as well", async () => {
    const [all, report] = [await emptyDatabase(), await emptyDatabase()];
    await restore(file("third"), all, { report });
    expect((await query<{ n: number }>(report, "SELECT count(*)::int AS n FROM report.fact_document"))[0]!.n).toBeGreaterThan(5);
    expect(await query(all, "SELECT 1 FROM pg_namespace WHERE nspname = 'report'")).toEqual([]);
  }, 60_000);
});

describe("a restored database", () => {
  const store = (name: string, age: string) => query(main, `UPDATE "order".outbox SET published_to = '${name}', published_at = now() - interval '${age}'
    WHERE seq = (SELECT max(seq) FROM "order".outbox WHERE published_to = 'local' AND published_at > now() - interval '1 hour')`);
  let url: string;
  beforeAll(async () => {
    await store("a store", "5 hours");
    await store("a store", "30 hours");
    await takeBackup({ path: file("fourth"), url: main, environment });
    url = await emptyDatabase();
    await restore(file("fourth"), url);
  }, 60_000);

  it("is of one new epoch in every schema", async () => {
    const epochs = await query<{ epoch: string }>(url, `SELECT epoch FROM "order".restored UNION SELECT epoch FROM report.restored UNION SELECT epoch FROM auth.restored UNION SELECT epoch FROM workflow.restored`);
    expect(epochs).toHaveLength(1);
    expect(await query(main, `SELECT epoch FROM "order".restored`)).toEqual([]);
  });

  it("publishes again what a store took within the day before, and not what was applied in one process", async () => {
    const [before, after] = await Promise.all([main, url].map((at) => query<{ id: string; to: string | null; at: Date | null }>(at, `SELECT id, published_to AS to, published_at AS at FROM "order".outbox ORDER BY seq`)));
    const again = after!.filter(({ at }) => at === null).map(({ id }) => id);
    expect(again).toEqual(before!.filter(({ to, at }) => to === "a store" && at!.getTime() > Date.now() - 10 * 3_600_000).map(({ id }) => id));
    expect(again).toHaveLength(1);
  });

  it("lets the services' roles in, and numbers its next event after the last of the backup", async () => {
    expect(await query(url, "SELECT has_schema_privilege('beaver_order', 'order', 'USAGE') AND has_schema_privilege('beaver_order_worker', 'order', 'USAGE') AS open")).toEqual([{ open: true }]);
    expect(await query(url, `SELECT nextval('"order".outbox_seq_seq') > (SELECT max(seq) FROM "order".outbox) AS after`)).toEqual([{ after: true }]);
  });
});

describe("databases that PostgreSQL's own means have put back", () => {
  it("begin an epoch, publish again what a store took within the day before their newest event, and keep what tells which were applied", async () => {
    const url = await emptyDatabase();
    await restore(file("fourth"), url);
    await query(url, `UPDATE "order".outbox SET published_to = 'a store', published_at = now() - interval '20 days' WHERE published_at IS NOT NULL`);
    await query(url, `UPDATE "order".outbox SET published_at = now() - interval '22 days' WHERE seq = (SELECT min(seq) FROM "order".outbox WHERE published_at IS NOT NULL)`);
    await query(url, ["auth", "entity", "catalog", "payment", "purchasing", "report", "workflow"].map((schema) => `UPDATE ${schema}.outbox SET published_at = now() - interval '20 days'`).join(";"));
    await query(url, "UPDATE report.inbox SET applied_at = now() - interval '20 days'");
    await acceptRecovered(url, { ...own, databaseUrl: url });
    expect(await query(url, `SELECT count(*)::int AS n, count(DISTINCT epoch)::int AS epochs FROM (SELECT epoch FROM "order".restored UNION ALL SELECT epoch FROM report.restored) r`)).toEqual([{ n: 4, epochs: 2 }]);
    expect(await query(url, `SELECT count(*)::int AS n FROM "order".outbox WHERE published_at IS NOT NULL`)).toEqual([{ n: 1 }]);
    // They know for as long as ever which of those they had: the pruning goes by this age.
    expect(await query(url, `SELECT count(*)::int AS pruned FROM report.inbox WHERE applied_at < now() - interval '14 days'`)).toEqual([{ pruned: 0 }]);
    await expect(acceptRecovered(main, environment)).rejects.toThrow(/Nodes are using the database/);
  }, 60_000);
});

const TRAILER = /^-- end of the backup .*\n/m;

describe("a restore refuses", () => {
  let url: string;
  beforeAll(async () => { url = await emptyDatabase(); });
  const another = loadSecrets({ ...own, dataEncryptionKey: Buffer.alloc(32, 7).toString("base64") });

  it.each([
    ["a backup of another installation's key", () => file("third"), { secrets: another }, /taken with another DATA_ENCRYPTION_KEY/],
    ["no file", () => file("none"), {}, /none cannot be read \(ENOENT\)/],
    ["a file that is none of ours", () => join(ROOT, "package.json"), {}, /package\.json is damaged or no backup/],
    ["the backup of a newer version", () => tampered(file("third"), (text) => text.replace('"platform/0003', '"platform/9999_later.sql","platform/0003')), {}, /of a newer version, with the migration platform\/9999_later\.sql/],
  ])("%s, before it makes anything", async (_, from, given, message) => {
    await expect(restore(from(), url, given)).rejects.toThrow(message);
    expect(await query(url, "SELECT 1 FROM pg_namespace WHERE nspname = 'order'")).toEqual([]);
  });

  it.each([
    ["a file that was cut off", () => { const to = file("cut"); writeFileSync(to, readFileSync(file("third")).subarray(0, -300)); return to; }, /is damaged or no backup \(unexpected end of file\)/],
    ["a file whose last line is lost", () => tampered(file("third"), (text) => text.replace(TRAILER, "")), /ends before its end: it is not whole/],
    ["an amount that is another", () => tampered(file("third"), (text) => text.replace(/^(COPY "payment"\."payment" .*\n.*\tcash\t.*?\t)1099\t/m, "$11098\t")), /payment\.payment does not hold what it held/],
    ["a row too few", () => tampered(file("third"), (text) => text.replace(/^(COPY "order"\."orders" .*\n).*\n/m, "$1")), /order\.orders does not hold what it held/],
    ["a statement that is none of a backup's", () => tampered(file("third"), (text) => text.replace(TRAILER, "DROP SCHEMA auth CASCADE;\n$&")), /a line that is none of a backup's \(DROP SCHEMA auth CASCADE;\)/],
  ])("%s, keeps nothing of it, and lets no service in", async (_, from, message) => {
    await expect(restore(from(), url)).rejects.toThrow(message);
    expect(await rowsOf(url)).toBe(0);
    expect(await query(url, "SELECT has_schema_privilege('beaver_order', 'order', 'USAGE') AS open")).toEqual([{ open: false }]);
  }, 60_000);

  it("nothing more once the file is whole: what failed before left no trace", async () => {
    await restore(file("third"), url);
    expect(await rowsOf(url)).toBeGreaterThan(10);
    await expect(restore(file("third"), url)).rejects.toThrow(/The database is not empty \(\w+\.\w+ has rows\)/);
  }, 60_000);

  it("a database that nodes are using", async () => {
    await expect(restore(file("third"), main, { report: ofReport })).rejects.toThrow(/Nodes are using the database/);
  });

  it("a role that does not see what row-level security hides", async () => {
    const blinkered = new URL(await emptyDatabase());
    await query(process.env.TEST_DATABASE_URL!, "CREATE ROLE blinkered LOGIN PASSWORD 'blinkered'");
    [blinkered.username, blinkered.password] = ["blinkered", "blinkered"];
    await expect(restore(file("third"), blinkered.href)).rejects.toThrow(/logs in as blinkered, from whom row-level security hides the tenants' rows/);
    await query(process.env.TEST_DATABASE_URL!, "DROP ROLE blinkered");
  });
});

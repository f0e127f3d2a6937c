import { spawn } from "node:child_process";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import pg from "pg";
import { run } from "../../bench/measure.ts";
import { startNode } from "../../node/broker.ts";
import { DATABASE_SERVICES, readEnvironment, type Environment } from "../../node/environment.ts";
import { migrate, migrationsOf } from "../../node/migrate.ts";
import { readinessOf } from "../../node/readiness.ts";
import { loadSecrets } from "../../node/secrets.ts";
import { troubleOf } from "../../node/trouble.ts";
import { committedSchema, dumpSchema } from "../../scripts/schema-dump.ts";
import { emptyDatabase, query } from "../support/databases.ts";
import { startTestPlatform, type TestPlatform } from "../support/platform.ts";
import { cardSale, cashSale, eur, stockedShop } from "../support/shop.ts";
import { ROOT } from "../support/source-files.ts";

/* Roll-outs: the schema first, by several at once if it so happens, and nodes of the version before that go on meanwhile. */

const key = (name: string) => join(process.env.TEST_DATA_DIR!, "secrets", name);
const secretsOf = { JWT_PRIVATE_KEY_FILE: key("jwt-private-key.pem"), DATA_ENCRYPTION_KEY_FILE: key("data-encryption-key") };
const settings = (url: string): Environment => readEnvironment({ DATABASE_URL: url, DATA_DIR: process.env.TEST_DATA_DIR!, PORT: "0", LOG_LEVEL: "fatal", LOG_FORMAT: "json", ...secretsOf });

const MIGRATE = [join(ROOT, "scripts", "migrate.ts")];
const variables = (url: string) => ({ NODE_OPTIONS: "", DATABASE_URL: url, ...secretsOf });
const ALL = DATABASE_SERVICES.flatMap((service) => migrationsOf(service).map(({ name }) => `applied ${service}: ${name}`));

async function expectWhole(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  for (const service of DATABASE_SERVICES) expect(await dumpSchema(client, service)).toBe(committedSchema(service));
  await client.end();
}

describe("npm run migrate", () => {
  it("by two at once applies each file once, and both end well", async () => {
    const url = await emptyDatabase();
    const ended = await Promise.all([1, 2].map(() => run(process.execPath, MIGRATE, variables(url))));
    expect(ended.map(({ code }) => code)).toEqual([0, 0]);
    expect(ended.flatMap(({ out }) => out.split("\n").filter((line) => line.startsWith("applied"))).sort()).toEqual([...ALL].sort());
    await expectWhole(url);
  }, 60_000);

  it("killed in the middle goes on from there: each file is there whole or not at all", async () => {
    const url = await emptyDatabase(), killed = spawn(process.execPath, MIGRATE, { env: { ...process.env, ...variables(url) }, stdio: "ignore" });
    const ended = new Promise((done) => killed.once("exit", done));
    while ((await query(url, "SELECT 1 FROM pg_tables WHERE schemaname = 'catalog'")).length === 0) await new Promise((wake) => setTimeout(wake, 5));
    killed.kill("SIGKILL");
    await ended;
    const { code, out } = await run(process.execPath, MIGRATE, variables(url));
    expect(code).toBe(0);
    expect(ALL.length - out.split("\n").filter((line) => line.startsWith("applied")).length).toBeGreaterThan(0);
    await expectWhole(url);
  }, 60_000);

  it("waits for a table that somebody holds for longer than it queues at a stretch, and then goes on", async () => {
    const url = await emptyDatabase(), environment = settings(url);
    const all = Object.fromEntries(DATABASE_SERVICES.map((service) => [service, migrationsOf(service).map(({ name }) => name)]));
    await migrate(url, environment, loadSecrets(environment), { only: { ...all, auth: ["platform/0001_service_tables.sql"] } });
    const holder = new pg.Client({ connectionString: url });
    await holder.connect();
    await holder.query("BEGIN; SELECT 1 FROM auth.outbox");
    const migrating = migrate(url, environment, loadSecrets(environment));
    await new Promise((wake) => setTimeout(wake, 2_600)); // longer than it queues at a stretch
    expect(await Promise.race([migrating, Promise.resolve("waits")])).toBe("waits");
    await holder.query("COMMIT");
    await holder.end();
    await migrating;
    await expectWhole(url);
  }, 60_000);
});

describe("nodes of the version before", () => {
  let platform: TestPlatform;
  beforeAll(async () => { platform = await startTestPlatform(); }, 60_000);
  afterAll(() => platform.stop());

  /** What a later version's expanding migrations may do to every table there is. */
  const expand = async (url: string) => {
    const tables = await query<{ name: string }>(url, `SELECT format('%I.%I', n.nspname, c.relname) AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE n.nspname IN (${DATABASE_SERVICES.map((name) => `'${name}'`).join()}) AND c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relname <> 'schema_migration'`);
    expect(tables.length).toBeGreaterThan(90);
    await query(url, tables.map(({ name }) => `ALTER TABLE ${name} ADD COLUMN a_later_text text, ADD COLUMN a_later_flag boolean NOT NULL DEFAULT false`).join("; "));
    await query(url, DATABASE_SERVICES.map((service) => `CREATE TABLE "${service}".a_later_table (id uuid PRIMARY KEY); INSERT INTO "${service}".schema_migration (name) VALUES ('${service}/9001_later.sql')`).join("; "));
  };

  it("go on selling, returning, receiving and reporting while and after the schema grows", async () => {
    const shop = await stockedShop(platform.baseUrl, { stock: { "MUG-RED": 100 } });
    await shop.client.post("/v1/orders", cashSale(shop, { "MUG-RED": 1 }));
    await expand(platform.databaseUrl);
    const order = await shop.client.post("/v1/orders", cashSale(shop, { "MUG-RED": 2 }));
    await shop.client.post("/v1/orders", cardSale(shop, { "MUG-RED": 3 }));
    await shop.client.post(`/v1/orders/${order.id}/returns`, { lines: [{ lineId: order.lines[0].id, quantity: 1, restock: true }], reason: "unwanted" });
    const supplier = await shop.client.post("/v1/suppliers", { name: "Potter", currency: "EUR" });
    const purchase = await shop.client.post("/v1/purchase-orders", { supplierId: supplier.id, storeId: shop.storeId, lines: [{ variantId: shop.variants["MUG-RED"], quantity: 5, unitCost: eur(400) }] });
    expect(await shop.client.get(`/v1/purchase-orders/${purchase.id}`)).toMatchObject({ id: purchase.id });
    await stockedShop(platform.baseUrl, { name: "Birch", stock: { BOWL: 1 } }); // sign-up, store, taxes, products
    await platform.quiesce();
    expect((await shop.client.get("/v1/reports/sales?groupBy=day")).totals).toMatchObject({ orders: 3 });
    expect(await shop.client.get("/v1/audit/verify")).toMatchObject({ ok: true });
    expect(await shop.client.get(`/v1/orders/${order.id}`)).toMatchObject({ id: order.id, refunded: eur(1099) });
  }, 60_000);

  it("start on the newer schema, and are ready", async () => {
    const environment = settings(platform.databaseUrl);
    expect(await troubleOf(environment, loadSecrets(environment))).toBeUndefined();
    expect(await readinessOf(platform.broker).whyNotStarted()).toBeUndefined();
    expect(await migrate(platform.databaseUrl, environment, loadSecrets(environment))).toEqual([]);
  });

  it("refuse a schema out of which something that they need was taken, with a sentence, whether they start or migrate", async () => {
    await query(platform.databaseUrl, `INSERT INTO "order".schema_migration (name) VALUES ('order/9002_contract_old_totals.sql')`);
    const environment = settings(platform.databaseUrl), sentence = "The schema of order is newer than this version can work with (order/9002_contract_old_totals.sql): start the version that brought it, or a newer one.";
    expect(await troubleOf(environment, loadSecrets(environment))).toBe(sentence);
    await expect(migrate(platform.databaseUrl, environment, loadSecrets(environment))).rejects.toThrow(sentence);
    const { code, out } = await run(process.execPath, MIGRATE, variables(platform.databaseUrl));
    expect([code, out.trim()]).toEqual([1, `The migration did not run. ${sentence}`]);
    const node = await startNode({ environment, secrets: loadSecrets(environment), databaseUrl: platform.databaseUrl, services: ["order"] });
    expect(await readinessOf(node.broker).whyNotReady()).toEqual({ dependency: "order schema", detail: sentence });
    await node.stop();
  }, 60_000);
});

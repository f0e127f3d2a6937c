import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { run } from "./measure.ts";

/* The least that a sale needs, by pgbench on the same PostgreSQL: one transaction with the order, three lines, three guarded stock updates,
   the payment and the outbox row. No tenant, no ledger, no idempotency, no projection. */
const SCHEMA = `
  CREATE TABLE stock (variant_id int PRIMARY KEY, on_hand bigint NOT NULL);
  INSERT INTO stock SELECT n, 1000000000 FROM generate_series(1, 1000) n;
  CREATE TABLE orders (id bigint PRIMARY KEY, total bigint NOT NULL, placed_at timestamptz NOT NULL DEFAULT now());
  CREATE TABLE order_line (order_id bigint NOT NULL REFERENCES orders, n int NOT NULL, variant_id int NOT NULL, quantity int NOT NULL, total bigint NOT NULL, PRIMARY KEY (order_id, n));
  CREATE TABLE payment (id bigint PRIMARY KEY, order_id bigint NOT NULL REFERENCES orders, amount bigint NOT NULL);
  CREATE TABLE outbox (seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, type text NOT NULL, data json NOT NULL);`;
const SALE = `\\set a random(1, 333)
\\set b random(334, 666)
\\set c random(667, 1000)
\\set id random(1, 9000000000000000)
BEGIN;
INSERT INTO orders (id, total) VALUES (:id, 4500);
INSERT INTO order_line VALUES (:id, 1, :a, 1, 1000), (:id, 2, :b, 1, 1500), (:id, 3, :c, 1, 2000);
UPDATE stock SET on_hand = on_hand - 1 WHERE variant_id = :a AND on_hand >= 1;
UPDATE stock SET on_hand = on_hand - 1 WHERE variant_id = :b AND on_hand >= 1;
UPDATE stock SET on_hand = on_hand - 1 WHERE variant_id = :c AND on_hand >= 1;
INSERT INTO payment VALUES (:id, :id, 4500);
INSERT INTO outbox (type, data) VALUES ('order.completed', '{"total": 4500}');
COMMIT;
`;

export interface Yardstick {
  /** `width` clients for so many seconds. @returns transactions a second */
  measure(width: number, seconds: number): Promise<number>;
  close(): void;
}

/** @returns undefined where pgbench is not on this machine (Debian: the package postgresql-contrib, or postgresql-15) */
export async function openYardstick(databaseUrl: string): Promise<Yardstick | undefined> {
  if ((await run("pgbench", ["--version"], {})).code !== 0) return undefined;
  const url = new URL(databaseUrl);
  await inDatabase(url.href, "CREATE DATABASE yardstick");
  url.pathname = "/yardstick";
  await inDatabase(url.href, SCHEMA);
  const folder = mkdtempSync(join(tmpdir(), "beaveros-pgbench-")), script = join(folder, "sale.sql");
  writeFileSync(script, SALE);
  const place = ["-h", url.searchParams.get("host") ?? url.hostname, "-p", url.port, "-U", url.username, "yardstick"];
  return {
    async measure(width, seconds) {
      const { out } = await run("pgbench", ["-n", "-M", "prepared", "-c", String(width), "-j", "2", "-T", String(seconds), "-f", script, ...place], { PGPASSWORD: url.password });
      const perSecond = Number(out.match(/tps = ([\d.]+)/)?.[1]);
      if (!perSecond) throw new Error(`pgbench failed: ${out}`);
      return perSecond;
    },
    close: () => rmSync(folder, { recursive: true }),
  };
}

async function inDatabase(url: string, text: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(text);
  await client.end();
}

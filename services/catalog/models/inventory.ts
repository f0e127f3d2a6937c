import { sql, type Statement, type Tx } from "../../../mixins/database.ts";

export interface LevelRow { storeId: string; variantId: string; onHand: number; reserved: number; incoming: number }
export interface MovementRow { id: string; at: string; storeId: string; variantId: string; quantity: number; kind: string; documentType: string; documentId: string; unitCostMinor: number; currency: string }
export interface StockFilter { readonly storeId?: string | undefined; readonly variantId?: string | undefined }

const LEVEL = `store_id AS "storeId", variant_id AS "variantId"`;
const PAGE = `AND ($3::uuid IS NULL OR (store_id, variant_id) > ($3, $4::uuid)) ORDER BY store_id, variant_id LIMIT $5`;

/** One statement per mix of filters, so that each gets the index that fits it. Unused parameters are named so that all have the same ones. */
const byFilter = (name: string, text: (where: string) => string) => {
  const statements = ["", "store_id = $1", "variant_id = $2", "store_id = $1 AND variant_id = $2"].map((where, index) => {
    const unused = `($1::uuid IS NULL OR true) AND ($2::uuid IS NULL OR true)`;
    return sql(`catalog.${name}-${index}`, text(where ? `${unused} AND ${where}` : unused));
  });
  return ({ storeId, variantId }: StockFilter): Statement => statements[(storeId ? 1 : 0) + (variantId ? 2 : 0)]!;
};

// A page of each and then one of both: what is only on its way has no level yet.
const NOW = byFilter("levels", (where) => `SELECT ${LEVEL}, sum(on_hand)::bigint AS "onHand", sum(reserved)::bigint AS reserved, sum(incoming)::bigint AS incoming FROM (
    (SELECT store_id, variant_id, on_hand, reserved, 0 AS incoming FROM stock_level WHERE ${where} ${PAGE})
    UNION ALL (SELECT store_id, variant_id, 0, 0, quantity FROM stock_incoming WHERE quantity <> 0 AND ${where} ${PAGE})
  ) level GROUP BY store_id, variant_id ORDER BY store_id, variant_id LIMIT $5`);
const THEN = byFilter("levels-at", (where) => `WITH moved AS (
    SELECT store_id, variant_id, sum(quantity) AS on_hand FROM stock_movement WHERE at <= $6 AND ${where} GROUP BY 1, 2
  ), held AS (
    SELECT r.store_id, (l->>'variantId')::uuid AS variant_id, sum((l->>'quantity')::bigint) AS reserved
    FROM reservation r CROSS JOIN json_array_elements(r.lines) l
    WHERE r.created_at <= $6 AND (r.ended_at IS NULL OR r.ended_at > $6) AND (l->>'tracked')::boolean GROUP BY 1, 2
  ), coming AS (
    SELECT store_id, variant_id, sum(quantity) AS incoming FROM incoming_movement WHERE at <= $6 AND ${where} GROUP BY 1, 2 HAVING sum(quantity) <> 0
  )
  SELECT ${LEVEL}, coalesce(on_hand, 0) AS "onHand", coalesce(held.reserved, 0) AS reserved, coalesce(incoming, 0) AS incoming
  FROM moved FULL JOIN coming USING (store_id, variant_id) LEFT JOIN held USING (store_id, variant_id) WHERE true ${PAGE}`);

type Key = readonly (string | number | null)[];

/** Levels in the order of store and variant; with `at`, summed up from the ledger as they were then. */
export function levels(tx: Tx, filter: StockFilter & { at?: string | undefined }, after: Key | undefined, limit: number): Promise<LevelRow[]> {
  const values = [filter.storeId ?? null, filter.variantId ?? null, after?.[0] ?? null, after?.[1] ?? null, limit];
  return filter.at ? tx.query<LevelRow>(THEN(filter), [...values, filter.at]) : tx.query<LevelRow>(NOW(filter), values);
}

const MOVEMENTS = byFilter("movements", (where) => `SELECT m.id, m.at, m.store_id AS "storeId", m.variant_id AS "variantId", m.quantity, m.kind,
    m.document_type AS "documentType", m.document_id AS "documentId", share(abs(m.value_minor + m.cost_of_sales_minor), 1000, abs(m.quantity)) AS "unitCostMinor", v.currency
  FROM (SELECT * FROM stock_movement WHERE ${where} AND ($3::uuid IS NULL OR id < $3) ORDER BY id DESC LIMIT $4) m JOIN variant v ON v.id = m.variant_id ORDER BY m.id DESC`);

/** The ledger, newest first. */
export function movements(tx: Tx, filter: StockFilter, before: unknown, limit: number): Promise<MovementRow[]> {
  return tx.query<MovementRow>(MOVEMENTS(filter), [filter.storeId ?? null, filter.variantId ?? null, before ?? null, limit]);
}

export interface Difference { storeId: string; variantId: string; field: string; expected: number; actual: number }
interface Found { compared: number; differences: Difference[] | null }

const compare = (name: string, field: string, expected: string, actual: string, table = "stock_level") => sql(`catalog.verify-${name}`, `WITH expected AS (${expected}),
  both_sides AS (
    SELECT coalesce(l.store_id, e.store_id) AS store_id, coalesce(l.variant_id, e.variant_id) AS variant_id, coalesce(e.n, 0) AS expected, coalesce(l.${actual}, 0) AS actual
    FROM ${table} l FULL JOIN expected e ON e.store_id = l.store_id AND e.variant_id = l.variant_id)
  SELECT count(*)::int AS compared, json_agg(json_build_object('storeId', store_id, 'variantId', variant_id, 'field', '${field}', 'expected', expected, 'actual', actual) ORDER BY store_id, variant_id)
    FILTER (WHERE expected <> actual) AS differences FROM both_sides`);
const CHECKS = {
  "stock levels": compare("levels", "onHand", "SELECT store_id, variant_id, sum(quantity) AS n FROM stock_movement GROUP BY 1, 2", "on_hand"),
  "stock reservations": compare("reservations", "reserved", `SELECT r.store_id, (l->>'variantId')::uuid AS variant_id, sum((l->>'quantity')::bigint) AS n
    FROM reservation r CROSS JOIN json_array_elements(r.lines) l WHERE r.status = 'reserved' AND (l->>'tracked')::boolean GROUP BY 1, 2`, "reserved"),
  "stock values": compare("values", "valueMinor", "SELECT store_id, variant_id, sum(value_minor) AS n FROM stock_movement GROUP BY 1, 2", "value_minor"),
  "incoming goods": compare("incoming", "incoming", "SELECT store_id, variant_id, sum(quantity) AS n FROM incoming_movement GROUP BY 1, 2", "quantity", "stock_incoming"),
};

/** Each check is one statement, hence one snapshot: sales may go on meanwhile. */
export async function verifyStock(tx: Tx): Promise<{ name: string; compared: number; differences: Difference[] }[]> {
  return Promise.all(Object.entries(CHECKS).map(async ([name, statement]) => {
    const { compared, differences } = (await tx.query<Found>(statement))[0]!;
    return { name, compared, differences: differences ?? [] };
  }));
}

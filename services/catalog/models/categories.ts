import { DataTypes } from "sequelize";
import { sql, type Tx } from "../../../mixins/database.ts";
import { defineResource, type Stamped } from "../../../mixins/resource.ts";

export interface CategoryRow extends Stamped { name: string; parentId: string | null }
export interface TaxComponent { name: string; ratePpm: number; compound: boolean }
export interface TaxRateRow extends Stamped { name: string; isPlain: boolean; components: TaxComponent[] }

export const categories = defineResource<CategoryRow>({
  kind: "category", table: "category", attributes: { name: DataTypes.TEXT, parentId: DataTypes.UUID }, sorts: ["name"], unique: { category_reference_key: "/reference" },
});
export const taxRates = defineResource<TaxRateRow>({
  kind: "tax rate", table: "tax_rate", attributes: { name: DataTypes.TEXT, isPlain: DataTypes.BOOLEAN, components: DataTypes.JSONB }, sorts: ["name"], unique: { tax_rate_reference_key: "/reference" },
});

const UPWARDS = sql("catalog.category-upwards", `WITH RECURSIVE up AS (
    SELECT id, parent_id FROM category WHERE id = $1 AND archived_at IS NULL UNION SELECT c.id, c.parent_id FROM category c JOIN up ON c.id = up.parent_id
  ) SELECT id FROM up`);
const LOCK_TREE = sql("catalog.category-tree-lock", "SELECT pg_advisory_xact_lock(hashtextextended('catalog category ' || current_setting('app.tenant_id'), 0))");

/** The category and all that it lies in; empty when it is not there. One change of the tree at a time, or two moves could close a ring together. */
export async function pathUpwards(tx: Tx, id: string): Promise<string[]> {
  const [, rows] = await Promise.all([tx.query(LOCK_TREE), tx.query<{ id: string }>(UPWARDS, [id])]);
  return rows.map((row) => row.id);
}

const ENSURE_CATEGORIES = sql("catalog.categories-ensure", `WITH wanted AS (SELECT DISTINCT ON (lower(n)) n AS name FROM unnest($1::text[]) n ORDER BY lower(n), n),
  known AS (SELECT DISTINCT ON (lower(name)) id, lower(name) AS key FROM category WHERE lower(name) = ANY($2::text[]) AND archived_at IS NULL ORDER BY lower(name), id),
  made AS (INSERT INTO category (id, name) SELECT new_id(), w.name FROM wanted w WHERE lower(w.name) NOT IN (SELECT key FROM known) RETURNING id, lower(name) AS key)
  SELECT id, key FROM known UNION ALL SELECT id, key FROM made`);
const TAX_RATES = sql("catalog.tax-rates-named", `SELECT id, lower(name) AS key, is_plain AS "isPlain", components FROM tax_rate WHERE archived_at IS NULL ORDER BY id`);

/** Categories by name, whatever its case; missing ones are made. @returns ids by lower-case name */
export async function ensureCategories(tx: Tx, names: readonly string[]): Promise<Map<string, string>> {
  if (names.length === 0) return new Map();
  const [, rows] = await Promise.all([tx.query(LOCK_TREE), tx.query<{ id: string; key: string }>(ENSURE_CATEGORIES, [names, names.map((name) => name.toLowerCase())])]);
  return new Map(rows.map((row) => [row.key, row.id]));
}

export function allTaxRates(tx: Tx): Promise<{ id: string; key: string; isPlain: boolean; components: TaxComponent[] }[]> {
  return tx.query(TAX_RATES);
}

import { DataTypes } from "sequelize";
import { newId } from "../../../lib/ids.ts";
import { sql, type Tx } from "../../../mixins/database.ts";
import { defineResource, type Stamped } from "../../../mixins/resource.ts";
import type { SupplierRow as FileRow } from "../domain/supplier-row.ts";

export interface SupplierRow extends Stamped { name: string; email: string | null; currency: string | null; leadTimeDays: number | null; paymentTerms: string | null }

export const suppliers = defineResource<SupplierRow>({
  kind: "supplier", table: "supplier", sorts: ["name"], unique: { supplier_reference_key: "/reference" },
  attributes: { name: DataTypes.TEXT, email: DataTypes.TEXT, currency: DataTypes.TEXT, leadTimeDays: DataTypes.INTEGER, paymentTerms: DataTypes.TEXT },
});

// One import of a tenant at a time, because a name is no unique key: two batches at once would both find it new.
const ONE_IMPORT = sql("supplier.one-import", "SELECT pg_advisory_xact_lock(hashtextextended('supplier import ' || current_setting('app.tenant_id'), 0))");
const IMPORT = sql("supplier.import", `WITH given AS (
    SELECT DISTINCT ON (coalesce('r' || reference, 'n' || name)) * FROM json_to_recordset($1)
      AS r(line int, id uuid, name text, email text, currency text, lead_time_days int, payment_terms text, reference text)
    ORDER BY coalesce('r' || reference, 'n' || name), line)
  INSERT INTO supplier (id, name, email, currency, lead_time_days, payment_terms, reference)
  SELECT id, name, email, currency, lead_time_days, payment_terms, reference FROM given g
  WHERE CASE WHEN g.reference IS NULL THEN NOT EXISTS (SELECT 1 FROM supplier s WHERE s.name = g.name) ELSE NOT EXISTS (SELECT 1 FROM supplier s WHERE s.reference = g.reference) END
  ORDER BY line ON CONFLICT DO NOTHING`);

/** @returns how many were new; the others were there already */
export async function importSuppliers(tx: Tx, rows: readonly FileRow[]): Promise<number> {
  const records = rows.map((row) => ({
    line: row.line, id: newId(), name: row.name.trim(), email: row.email || null, currency: row.currency || null,
    lead_time_days: row.leadTimeDays ? Number(row.leadTimeDays) : null, payment_terms: row.paymentTerms || null, reference: row.reference || null,
  }));
  const [, imported] = await Promise.all([tx.query(ONE_IMPORT), tx.change(IMPORT, [JSON.stringify(records)])]);
  return imported;
}

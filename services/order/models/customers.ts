import { DataTypes } from "sequelize";
import { newId } from "../../../lib/ids.ts";
import { sql, type Tx } from "../../../mixins/database.ts";
import { defineResource, type Stamped } from "../../../mixins/resource.ts";
import type { ReadCustomer } from "../domain/customer-row.ts";

export interface CustomerRow extends Stamped { name: string; email: string | null; phone: string | null; taxNumber: string | null; address: Record<string, string> | null; groupId: string | null }

export const customers = defineResource<CustomerRow>({
  kind: "customer", table: "customer", sorts: ["name"], unique: { customer_reference_key: "/reference" },
  attributes: { name: DataTypes.TEXT, email: DataTypes.TEXT, phone: DataTypes.TEXT, taxNumber: DataTypes.TEXT, address: DataTypes.JSONB, groupId: DataTypes.UUID },
});

// In the order of the reference, as the import of sales makes its buyers: two imports at once wait for each other instead of blocking each other.
const IMPORT = sql("customer.import", `WITH given AS (
    SELECT * FROM json_to_recordset($1::json) AS r(line int, id uuid, name text, email text, phone text, "taxNumber" text, address jsonb, reference text, digest text)),
  claimed AS (INSERT INTO imported_customer (digest) SELECT DISTINCT digest FROM given WHERE reference IS NULL ORDER BY digest ON CONFLICT DO NOTHING RETURNING digest),
  fresh AS (
    SELECT DISTINCT ON (coalesce('r' || reference, 'd' || digest)) * FROM given WHERE reference IS NOT NULL OR digest IN (SELECT digest FROM claimed)
    ORDER BY coalesce('r' || reference, 'd' || digest), line)
  INSERT INTO customer (id, name, email, phone, tax_number, address, reference)
  SELECT id, name, email, phone, "taxNumber", address, reference FROM fresh ORDER BY reference, line ON CONFLICT ON CONSTRAINT customer_reference_key DO NOTHING`);

/** @param rows with the digest of what each says. @returns how many were new; the others were there already */
export function importCustomers(tx: Tx, rows: readonly (ReadCustomer & { digest: string })[]): Promise<number> {
  return tx.change(IMPORT, [JSON.stringify(rows.map((row) => ({ id: newId(), ...row })))]);
}

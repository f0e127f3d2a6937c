import { DataTypes } from "sequelize";
import type { ResultOf } from "../../../lib/contract.ts";
import { sql, type Tx } from "../../../mixins/database.ts";
import { defineResource, type Stamped } from "../../../mixins/resource.ts";
import type { entityContract } from "../contract.ts";

type Settings = ResultOf<typeof entityContract.actions.getTenant>["settings"];
export interface TenantRow extends Stamped { name: string; slug: string; country: string; currency: string; timezone: string; settings: Settings }
export type StoreContext = ResultOf<typeof entityContract.actions.storeContext>;

export const tenants = defineResource<TenantRow>({
  kind: "tenant", table: "tenant",
  attributes: { name: DataTypes.TEXT, slug: DataTypes.TEXT, country: DataTypes.TEXT, currency: DataTypes.TEXT, timezone: DataTypes.TEXT, settings: DataTypes.JSONB },
});

const INSERT = sql("tenant.insert", `INSERT INTO tenant (id, name, slug, country, currency, timezone, settings) VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING`);
const CLAIM_SLUG = sql("tenant.claim-slug", "INSERT INTO tenant_slug (slug) VALUES ($1) ON CONFLICT DO NOTHING");
const BY_SLUG = sql("tenant.by-slug", `SELECT tenant_id AS "tenantId" FROM tenant_slug WHERE slug = $1`);
// On the way of every sale: one statement, both rows by primary key.
const STORE_CONTEXT = sql("tenant.store-context", `SELECT s.id AS "storeId", s.code, s.name AS "storeName", s.timezone, s.currency, s.prices_include_tax AS "pricesIncludeTax",
    s.cash_rounding AS "cashRounding", t.name AS "tenantName", t.country, t.settings->'rounding' AS rounding, s.archived_at IS NOT NULL AS archived
  FROM store s JOIN tenant t ON t.id = s.tenant_id WHERE s.id = ANY ($1::uuid[])`);

export type NewTenant = Pick<TenantRow, "id" | "name" | "slug" | "country" | "currency" | "timezone" | "settings">;

/** @returns "made", "there" (the same id again), or "taken" (the slug belongs to another tenant) */
export async function insertTenant(tx: Tx, tenant: NewTenant): Promise<"made" | "there" | "taken"> {
  const { id, name, slug, country, currency, timezone, settings } = tenant;
  if ((await tx.change(INSERT, [id, name, slug, country, currency, timezone, JSON.stringify(settings)])) === 0) return "there";
  return (await tx.change(CLAIM_SLUG, [slug])) === 1 ? "made" : "taken";
}

/** Over all tenants: in a transaction of the worker's role only. */
export async function tenantOfSlug(tx: Tx, slug: string): Promise<string | undefined> {
  return (await tx.query<{ tenantId: string }>(BY_SLUG, [slug]))[0]?.tenantId;
}

export async function storeContext(tx: Tx, storeId: string): Promise<StoreContext | undefined> {
  return (await tx.gathered<StoreContext>(STORE_CONTEXT, [storeId])).find((store) => store.storeId === storeId);
}

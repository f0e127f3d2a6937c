import { invariant } from "../../../lib/errors.ts";
import { sql, type Statement, type Tx } from "../../../mixins/database.ts";
import type { Group } from "../domain/report-body.ts";
import { TIME_GROUPINGS, type ReportDefinition, type Sums } from "../domain/reports.ts";

/** What a report is about: null stores are all stores, a null instant is now. */
export interface Scope { readonly from: string; readonly to: string; readonly at: string | null; readonly storeIds: readonly string[] | null; readonly currency: string }

interface Facts { readonly table: string; readonly where: string; readonly sums: string; readonly rank: string; readonly sku?: boolean }

const PERIOD = "business_day BETWEEN $1::date AND $2::date AND $5::text IS NULL";
const FACTS: Readonly<Record<ReportDefinition["facts"], Facts>> = {
  lines: {
    table: "fact_sale_line", where: PERIOD, rank: "gross - discounts - returned", sku: true,
    sums: `count(DISTINCT document_id) FILTER (WHERE sign = 1)::int AS orders, count(DISTINCT document_id) FILTER (WHERE sign = -1)::int AS "returnDocuments",
      count(*) FILTER (WHERE sign = -1)::int AS "returnedLines", coalesce(sum(sign * quantity_thousandths), 0)::bigint AS units, coalesce(sum(quantity_thousandths) FILTER (WHERE sign = -1), 0)::bigint AS "returnedUnits",
      coalesce(sum(gross_minor) FILTER (WHERE sign = 1), 0)::bigint AS gross, coalesce(sum(discount_minor) FILTER (WHERE sign = 1), 0)::bigint AS discounts,
      coalesce(sum(total_minor) FILTER (WHERE sign = -1), 0)::bigint AS returned, coalesce(sum(sign * tax_minor), 0)::bigint AS tax,
      coalesce(sum(tax_minor) FILTER (WHERE sign = -1), 0)::bigint AS "returnedTax", coalesce(sum(sign * cost_minor), 0)::bigint AS cost`,
  },
  payments: {
    table: "fact_payment", where: PERIOD, rank: "captured",
    sums: `count(*) FILTER (WHERE direction = 'captured')::int AS payments, count(*) FILTER (WHERE direction = 'refunded')::int AS refunds,
      coalesce(sum(amount_minor) FILTER (WHERE direction = 'captured'), 0)::bigint AS captured, coalesce(sum(amount_minor) FILTER (WHERE direction = 'refunded'), 0)::bigint AS refunded`,
  },
  taxes: {
    table: "fact_tax", where: PERIOD, rank: '"soldTax"',
    sums: `coalesce(sum(base_minor) FILTER (WHERE sign = 1), 0)::bigint AS "soldBase", coalesce(sum(tax_minor) FILTER (WHERE sign = 1), 0)::bigint AS "soldTax",
      coalesce(sum(base_minor) FILTER (WHERE sign = -1), 0)::bigint AS "returnedBase", coalesce(sum(tax_minor) FILTER (WHERE sign = -1), 0)::bigint AS "returnedTax"`,
  },
  // A past instant is summed from the movements, now is read from the running positions: the audit proves that both agree.
  stock: {
    table: `(SELECT m.store_id, m.variant_id, m.currency, m.quantity_thousandths, m.value_minor, v.product_id, v.category_id, v.category_name, v.name, v.sku
      FROM (SELECT store_id, variant_id, currency, quantity_thousandths, value_minor FROM stock_position WHERE $5::text IS NULL
        UNION ALL SELECT store_id, variant_id, currency, quantity_thousandths, value_minor FROM fact_stock WHERE at <= $5::timestamptz) m
      LEFT JOIN dim_variant v ON v.id = m.variant_id)`,
    where: "($1::text IS NULL OR $2::text IS NOT NULL)", rank: "value", sku: true,
    sums: "coalesce(sum(quantity_thousandths), 0)::bigint AS quantity, coalesce(sum(value_minor), 0)::bigint AS value",
  },
};

interface Grouping { readonly key: string; readonly own?: string; readonly label: string }
const KEYED = "g.key = ''";
const GROUPINGS: Readonly<Record<string, Grouping>> = {
  hour: { key: "lpad(hour::text, 2, '0')", label: "g.key || ':00'" },
  day: { key: "to_char(business_day, 'YYYY-MM-DD')", label: "g.key" },
  week: { key: `to_char(business_day, 'IYYY-"W"IW')`, label: "g.key" },
  month: { key: "to_char(business_day, 'YYYY-MM')", label: "g.key" },
  store: { key: "store_id::text", label: "(SELECT name FROM dim_store d WHERE d.id = g.key::uuid)" },
  register: { key: "coalesce(register_id::text, '')", label: `CASE WHEN ${KEYED} THEN NULL ELSE (SELECT name FROM dim_register d WHERE d.id = g.key::uuid) END` },
  employee: { key: "coalesce(employee_id::text, '')", label: "g.key" },
  product: { key: "coalesce(product_id::text, '')", own: "max(name)", label: `CASE WHEN ${KEYED} THEN NULL ELSE coalesce((SELECT product_name FROM dim_variant d WHERE d.product_id = g.key::uuid LIMIT 1), g.own) END` },
  variant: { key: "variant_id::text", own: "max(name)", label: "coalesce((SELECT name FROM dim_variant d WHERE d.id = g.key::uuid), g.own)" },
  category: { key: "coalesce(category_id::text, '')", own: "max(category_name)", label: `CASE WHEN ${KEYED} THEN NULL ELSE coalesce((SELECT name FROM dim_category d WHERE d.id = g.key::uuid), g.own) END` },
  customer: { key: "coalesce(customer_id::text, '')", own: "max(customer_name)", label: "g.own" },
  country: { key: "coalesce(country, '')", label: "g.key" },
  channel: { key: "channel", label: "g.key" },
  method: { key: "method", label: "g.key" },
  rate: { key: "name || ' ' || (rate_ppm / 10000.0)::float8 || ' %'", label: "g.key" },
};

const statements = new Map<string, Statement>();

/** The sums of a report by group, and over everything: both out of one pass over the facts. */
export async function readSums(tx: Tx, definition: ReportDefinition, groupBy: string, scope: Scope): Promise<{ groups: Group[]; totals: Sums }> {
  const rows = await tx.query<Record<string, number | string | null>>(statementOf(definition, groupBy), [scope.from, scope.to, scope.currency, scope.storeIds, scope.at]);
  const all = rows.map(({ key, label, sku, isTotal, own: _, ...sums }) => ({ key: key as string, label: label as string | null, sku: (sku ?? null) as string | null, isTotal: isTotal === 1, sums: sums as Record<string, number> }));
  return { groups: all.filter((row) => !row.isTotal), totals: all.find((row) => row.isTotal)!.sums };
}

function statementOf({ facts }: ReportDefinition, groupBy: string): Statement {
  const name = `report.${facts}.${groupBy}`;
  let statement = statements.get(name);
  if (!statement) statements.set(name, (statement = sql(name, textOf(FACTS[facts], groupBy))));
  return statement;
}

/** Both parts come from the tables above, nothing of it from a request. */
function textOf(facts: Facts, groupBy: string): string {
  const grouping = GROUPINGS[groupBy];
  invariant(grouping, `no grouping ${groupBy}`);
  const sku = facts.sku && (groupBy === "variant" || groupBy === "product") ? "CASE WHEN min(sku) = max(sku) THEN max(sku) END" : "NULL::text";
  const order = TIME_GROUPINGS.includes(groupBy) ? "key" : `${facts.rank} DESC, key`;
  return `WITH g AS (
      SELECT key, grouping(key) AS "isTotal", ${grouping.own ?? "NULL::text"} AS own, ${sku} AS sku, ${facts.sums}
      FROM (SELECT ${grouping.key} AS key, f.* FROM ${facts.table} f WHERE ${facts.where} AND currency = $3::text AND ($4::uuid[] IS NULL OR store_id = ANY($4))) fact
      GROUP BY GROUPING SETS ((key), ()))
    SELECT g.*, CASE WHEN "isTotal" = 0 THEN ${grouping.label} END AS label FROM g ORDER BY "isTotal", ${order}`;
}

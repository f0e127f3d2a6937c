import { sql, type Tx } from "../../../mixins/database.ts";
import type { ReportDefinition } from "../domain/reports.ts";

// Today is the latest business day that any of the stores has; without a store, that of UTC. An empty platform is up to date by now.
const PLACE = sql("report.place", `SELECT count(*)::int AS stores, min(timezone) AS timezone,
    to_char(coalesce(max((now() AT TIME ZONE timezone)::date), (now() AT TIME ZONE 'UTC')::date), 'YYYY-MM-DD') AS today,
    coalesce((SELECT last_event_time FROM projection_state WHERE source = $2), (SELECT max(last_event_time) FROM projection_state), now()) AS "asOf"
  FROM dim_store WHERE $1::uuid[] IS NULL OR id = ANY($1)`);
const END_OF_DAY = sql("report.endOfDay", "SELECT ((($1::date + 1)::timestamp AT TIME ZONE coalesce($2::text, 'UTC')) - interval '1 millisecond') AS at");

const storeCurrency = "(SELECT currency FROM dim_store WHERE $1::uuid[] IS NULL OR id = ANY($1) GROUP BY currency ORDER BY count(*) DESC, currency LIMIT 1)";
const mostUsed = (name: string, table: string, period: string) => sql(`report.currency.${name}`, `SELECT coalesce((SELECT currency FROM ${table}
    WHERE ($1::uuid[] IS NULL OR store_id = ANY($1)) AND ${period} GROUP BY currency ORDER BY count(*) DESC, currency LIMIT 1), ${storeCurrency}, 'XXX') AS currency`);
const PERIOD = "business_day BETWEEN $2::date AND $3::date";
const CURRENCY = {
  lines: mostUsed("lines", "fact_document", PERIOD),
  taxes: mostUsed("taxes", "fact_document", PERIOD),
  payments: mostUsed("payments", "fact_payment", PERIOD),
  stock: mostUsed("stock", "stock_position", "$2::text IS NOT NULL AND $3::text IS NOT NULL"),
} as const;

const SOURCES = { lines: "order", taxes: "order", payments: "payment", stock: "catalog" } as const;

export interface Place { readonly stores: number; readonly timezone: string | null; readonly today: string; readonly asOf: string }

/** The stores that a report is about, their today, and how far the events behind it are applied. */
export async function readPlace(tx: Tx, facts: ReportDefinition["facts"], storeIds: readonly string[] | null): Promise<Place> {
  return (await tx.query<Place>(PLACE, [storeIds, SOURCES[facts]]))[0]!;
}

/** The currency with the most documents; that of most stores where there is none; XXX (ISO 4217: no currency) where there is no store. */
export async function readCurrency(tx: Tx, facts: ReportDefinition["facts"], scope: { storeIds: readonly string[] | null; from: string; to: string }): Promise<string> {
  return (await tx.query<{ currency: string }>(CURRENCY[facts], [scope.storeIds, scope.from, scope.to]))[0]!.currency;
}

/** The last instant of a day in a time zone. */
export async function endOfDay(tx: Tx, day: string, timezone: string | null): Promise<string> {
  return (await tx.query<{ at: string }>(END_OF_DAY, [day, timezone]))[0]!.at;
}

import type { ParamsOf, ResultOf } from "../../../lib/contract.ts";
import { refuse } from "../../../lib/errors.ts";
import { identityOf } from "../../../middlewares/identity.ts";
import type { Tx } from "../../../mixins/database.ts";
import { handler, inTenant } from "../../../mixins/handlers.ts";
import type { reportContract } from "../contract.ts";
import { csvOf } from "../documents/csv.ts";
import { pdfOf } from "../documents/pdf.ts";
import { instantOf, isDay, periodOf } from "../domain/period.ts";
import { reportBody } from "../domain/report-body.ts";
import { REPORTS, type ReportDefinition } from "../domain/reports.ts";
import { tableOf, type Body } from "../domain/table.ts";
import { endOfDay, readCurrency, readPlace, type Place } from "../models/frame.ts";
import { readSums } from "../models/reports.ts";

type Params = ParamsOf<(typeof reportContract)["actions"]["readReport"]>;
type Result = ResultOf<(typeof reportContract)["actions"]["readReport"]>;

/** One report as JSON, CSV or PDF. Permission `report.reports.read`; an actor who is bound to stores sees those alone. Changes nothing.
 *  In this order: unknown report → not_found; grouping, period or `at` that make no sense → invalid_request; unknown store → not_found. */
export const readReport = handler<typeof reportContract, "readReport">(async (params, ctx) => {
  const definition = Object.hasOwn(REPORTS, params.name) ? REPORTS[params.name] : undefined;
  if (!definition) throw refuse.not_found(`There is no report of this name: the reports are ${Object.keys(REPORTS).join(", ")}`);
  const groupBy = params.groupBy ?? definition.groupings[0]!;
  check(definition, groupBy, params);
  const storeIds = storesOf(params.storeId, identityOf(ctx).storeIds);
  const body = await inTenant(ctx, (tx) => assemble(tx, { definition, groupBy, params, storeIds }));
  const table = params.format === "csv" || params.format === "pdf" ? tableOf(definition, body) : undefined;
  if (!table) return body as unknown as Result;
  const filename = `${params.name}-${body.at?.slice(0, 10) ?? `${body.from}-${body.to}`}.${params.format}`;
  return params.format === "csv" ? csvOf(table, filename) : pdfOf(table, filename);
});

/** @throws invalid_request that names the field */
function check(definition: ReportDefinition, groupBy: string, params: Params): void {
  const isStock = definition.facts === "stock";
  if (!definition.groupings.includes(groupBy)) throw invalid("groupBy", `must be one of ${definition.groupings.join(", ")}`);
  for (const field of ["from", "to"] as const) {
    if (params[field] === undefined) continue;
    if (isStock) throw invalid(field, "this report is of one instant: use at");
    if (!isDay(params[field])) throw invalid(field, "is no day of the calendar");
  }
  if (params.from && params.to && params.from > params.to) throw invalid("from", "must not be after to");
  if (params.at === undefined) return;
  if (!isStock) throw invalid("at", "this report is over a period: use from and to");
  if (!isDay(params.at) && !instantOf(params.at)) throw invalid("at", "must be an RFC 3339 instant or a day");
}

const invalid = (field: string, message: string) => refuse.invalid_request(`/${field}: ${message}`, { errors: [{ pointer: `/${field}`, code: "invalid", message }] });

/** A store that the actor may not touch answers like one that is not there. */
function storesOf(asked: string | undefined, allowed: readonly string[]): readonly string[] | null {
  if (asked === undefined) return allowed.length ? allowed : null;
  if (allowed.length && !allowed.includes(asked)) throw refuse.not_found("There is no such store");
  return [asked];
}

async function assemble(tx: Tx, given: { definition: ReportDefinition; groupBy: string; params: Params; storeIds: readonly string[] | null }): Promise<Body> {
  const { definition, groupBy, params, storeIds } = given;
  const place = await readPlace(tx, definition.facts, storeIds);
  if (params.storeId && place.stores === 0) throw refuse.not_found("There is no such store");
  const { from, to } = periodOf(params, place.today);
  const at = definition.facts === "stock" ? await instantAsked(tx, params.at, place) : undefined;
  const currency = params.currency ?? await readCurrency(tx, definition.facts, { storeIds, from, to });
  const { groups, totals } = await readSums(tx, definition, groupBy, { from, to, at: at ?? null, storeIds, currency });
  const span = definition.facts === "stock" ? { at: at ?? place.asOf } : { from, to };
  return { report: params.name, ...span, currency, groupBy, asOf: place.asOf, ...reportBody(definition, currency, groups, totals) } as Body;
}

/** undefined: now. A day means its end, in the time zone of the store. */
async function instantAsked(tx: Tx, at: string | undefined, place: Place): Promise<string | undefined> {
  if (at === undefined) return undefined;
  return isDay(at) ? endOfDay(tx, at, place.timezone) : instantOf(at);
}

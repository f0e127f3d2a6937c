import type { ParamsOf, ResultOf } from "../../../lib/contract.ts";
import { refuse } from "../../../lib/errors.ts";
import { newId } from "../../../lib/ids.ts";
import { percentToPpm, ppmToPercent } from "../../../lib/percent.ts";
import { command, query } from "../../../mixins/handlers.ts";
import type { catalogContract } from "../contract.ts";
import { taxRates, type TaxComponent, type TaxRateRow } from "../models/categories.ts";

type Contract = typeof catalogContract;
type TaxRate = ResultOf<Contract["actions"]["getTaxRate"]>;
type Given = Pick<ParamsOf<Contract["actions"]["updateTaxRate"]>, "percent" | "components">;

function shown({ id, name, isPlain, components, reference, metadata, archivedAt, createdAt, updatedAt, version }: TaxRateRow): TaxRate {
  const parts = components.map((part) => ({ name: part.name, percent: ppmToPercent(part.ratePpm), compound: part.compound }));
  return { id, name, percent: isPlain ? parts[0]!.percent : null, components: isPlain ? [] : parts, reference: reference ?? null, metadata, archivedAt: archivedAt ?? null, createdAt, updatedAt, version };
}

/** Either `percent` or `components`. Permission catalog.taxRates.write. @throws invalid_request, already_exists (reference) */
export const createTaxRate = command<Contract, "createTaxRate">(async (_tx, { percent, components, ...fields }, ctx) => {
  if ((percent === undefined) === (components === undefined)) throw oneOfBoth();
  return shown(await taxRates.create(ctx, { ...fields, ...rateOf(fields.name, { percent, components }), id: newId() } as Parameters<typeof taxRates.create>[1]));
});

/** Permission catalog.taxRates.read. @throws not_found */
export const getTaxRate = query<Contract, "getTaxRate">(async (_tx, { id }, ctx) => shown(await taxRates.get(ctx, id)));

/** Permission catalog.taxRates.read. */
export const listTaxRates = query<Contract, "listTaxRates">((_tx, params, ctx) => taxRates.list(ctx, params, { map: shown }));

/** Documents keep the rate that they were made with. Permission catalog.taxRates.write; guarded by If-Match. @throws not_found, stale (412), invalid_request */
export const updateTaxRate = command<Contract, "updateTaxRate">(async (_tx, { id, percent, components, ...fields }, ctx) => {
  if (percent !== undefined && components !== undefined) throw oneOfBoth();
  const now = await taxRates.get(ctx, id);
  const given = percent === undefined && components === undefined;
  const rate = given ? renamed(now, fields.name) : rateOf(fields.name ?? now.name, { percent, components });
  return shown(await taxRates.patch(ctx, id, { ...fields, ...rate }));
});

/** Products keep an archived rate; it can no longer be chosen. Permission catalog.taxRates.write. @throws not_found, stale (412) */
export const archiveTaxRate = command<Contract, "archiveTaxRate">(async (_tx, { id }, ctx) => {
  await taxRates.archive(ctx, id);
  return null;
});

const oneOfBoth = () => refuse.invalid_request("Give either percent or components", { errors: [{ pointer: "/percent", code: "one_of", message: "either percent or components" }] });

export function rateOf(name: string, { percent, components }: Given): { isPlain: boolean; components: TaxComponent[] } {
  if (components === undefined) return { isPlain: true, components: [{ name, ratePpm: percentToPpm(percent!), compound: false }] };
  return { isPlain: false, components: components.map((part) => ({ name: part.name, ratePpm: percentToPpm(part.percent), compound: part.compound ?? false })) };
}

/** The one component of a plain rate has its name. */
function renamed({ isPlain, components }: TaxRateRow, name: string | undefined): object {
  return isPlain && name !== undefined ? { components: [{ ...components[0]!, name }] } : {};
}

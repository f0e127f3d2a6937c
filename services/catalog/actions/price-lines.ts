import { query, sharedQuery, type Handler } from "../../../mixins/handlers.ts";
import { refuse } from "../../../lib/errors.ts";
import type { catalogContract } from "../contract.ts";
import { described, priced } from "../models/variants.ts";

type Contract = typeof catalogContract;

/** Prices, names and taxes of a basket, in the order of the ids asked for. An archived variant is not for sale.
 *  @throws not_found (404) with the missing ids */
export const priceLines: Handler = sharedQuery<Contract, "priceLines">(async (tx, { variantIds }) => {
  const rows = inOrder(variantIds, await tx.done(priced(tx, variantIds)));
  return { variants: rows.map(({ productName: _, ...row }) => row) };
});

/** SKU and name of variants, archived ones too: history refers to them. @throws not_found (404) with the missing ids */
export const describeVariants: Handler = query<Contract, "describeVariants">(async (tx, { variantIds }) => {
  const rows = inOrder(variantIds, await described(tx, variantIds));
  return { variants: rows.map(({ variantId, productId, sku, name, currency }) => ({ variantId, productId, sku, name, currency })) };
});

/** @param rows of these variants, and perhaps of others that were asked for at once */
function inOrder<R extends { variantId: string }>(ids: readonly string[], rows: readonly R[]): R[] {
  const byId = new Map(rows.map((row) => [row.variantId, row]));
  const distinct = [...new Set(ids)];
  const missing = distinct.filter((id) => !byId.has(id));
  if (missing.length > 0) throw refuse.not_found("There is no such variant", { variantIds: missing });
  return distinct.map((id) => byId.get(id)!);
}

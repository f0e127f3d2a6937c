import type { ParamsOf, ResultOf } from "../../../lib/contract.ts";
import { refuse } from "../../../lib/errors.ts";
import { LIMIT_DEFAULT, page, readCursor, textPage } from "../../../mixins/cursor.ts";
import type { Ctx } from "../../../mixins/call.ts";
import { query, sharedQuery } from "../../../mixins/handlers.ts";
import type { catalogContract } from "../contract.ts";
import { barcodeKey } from "../domain/variant-rules.ts";
import { termsOf } from "../domain/words.ts";
import * as lists from "../models/product-lists.ts";
import * as variants from "../models/variants.ts";
import type { Product } from "./create-product.ts";

type Contract = typeof catalogContract;
type Variant = ResultOf<Contract["actions"]["getVariant"]>;

/** Permission catalog.products.read. An archived product is still read. @throws not_found */
export const getProduct = sharedQuery<Contract, "getProduct">(async (tx, { id }) => {
  const product = await tx.done(lists.productDocument<Product>(tx, id));
  if (!product) throw refuse.not_found();
  return product;
});

/** Permission catalog.products.read. With `search` ranked, otherwise newest first, or by time of change with `updatedSince`. @throws invalid_cursor, invalid_request */
export const listProducts = sharedQuery<Contract, "listProducts">(async (tx, params, ctx) => {
  const { limit = LIMIT_DEFAULT, search, cursor } = params;
  if (search !== undefined) {
    const name = `products search ${search}`, terms = termsOf(search);
    const rows = terms.length > 0 ? await lists.searchProducts(tx, terms, params, readCursor(ctx, name, cursor), limit + 1) : [];
    return listed(ctx, name, { rows, limit, key: (row) => [row.rank, row.id] });
  }
  const sort = sortOf(params), name = `products ${sort}`;
  const rows = await tx.done(lists.listProducts(tx, sort, params, readCursor(ctx, name, cursor), limit + 1));
  return listed(ctx, name, { rows, limit, key: KEYS[sort] });
});

type Listed = { rows: readonly lists.ListedRow[]; limit: number; key: (row: lists.ListedRow) => (string | number)[] };
/** For the edge as the text that the database holds, for everybody else as objects. */
const listed = (ctx: Ctx, name: string, found: Listed) => ctx.meta.acceptsText
  ? textPage(ctx, name, { ...found, text: (row) => row.text }) as never
  : page(ctx, name, { ...found, map: (row) => JSON.parse(row.text) as Product });

const KEYS: Readonly<Record<lists.Sort, (row: lists.ListedRow) => (string | number)[]>> = {
  "-createdAt": (row) => [row.id], createdAt: (row) => [row.id], name: (row) => [row.name, row.id], updatedAt: (row) => [row.updatedAt, row.id],
};

function sortOf({ sort, updatedSince }: ParamsOf<Contract["actions"]["listProducts"]>): lists.Sort {
  const wanted = sort ?? (updatedSince ? "updatedAt" : "-createdAt");
  if (!Object.hasOwn(KEYS, wanted)) {
    throw refuse.invalid_request("There is no such sort order", { errors: [{ pointer: "/sort", code: "not_allowed", message: `must be one of ${Object.keys(KEYS).join(", ")}` }] });
  }
  return wanted as lists.Sort;
}

/** Permission catalog.products.read. @throws not_found */
export const getVariant = query<Contract, "getVariant">(async (tx, { id }) => {
  const row = (await variants.listVariants<Variant>(tx, "id", id, undefined, 1))[0];
  if (!row) throw refuse.not_found();
  return row.variant;
});

/** Permission catalog.products.read. By SKU or by barcode, in whichever of its GS1 forms. @throws invalid_cursor, invalid_request (more than one key) */
export const listVariants = query<Contract, "listVariants">(async (tx, { sku, barcode, productId, limit = LIMIT_DEFAULT, cursor, sort }, ctx) => {
  if (sort !== undefined && sort !== "-createdAt") throw refuse.invalid_request("Variants are sorted by -createdAt", { errors: [{ pointer: "/sort", code: "not_allowed", message: "must be -createdAt" }] });
  const keys = Object.entries({ sku, barcode: barcodeKey(barcode) ?? undefined, productId }).filter(([, value]) => value !== undefined) as ["sku" | "barcode" | "productId", string][];
  if (keys.length > 1) throw refuse.invalid_request("Look up by one of sku, barcode and productId");
  const [key, value] = keys[0] ?? ["all" as const, null];
  const name = `variants ${key} ${value}`;
  const rows = await variants.listVariants<Variant>(tx, key, value, readCursor(ctx, name, cursor)?.[0], limit + 1);
  return page(ctx, name, { rows, limit, key: (row) => [row.id], map: (row) => row.variant });
});

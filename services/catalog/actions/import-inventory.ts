import type { ParamsOf } from "../../../lib/contract.ts";
import { newId } from "../../../lib/ids.ts";
import type { Ctx } from "../../../mixins/call.ts";
import type { Tx } from "../../../mixins/database.ts";
import { command, type Handler } from "../../../mixins/handlers.ts";
import type { catalogContract } from "../contract.ts";
import { RowFault, thousandths, valueOf } from "../domain/import-rows.ts";
import { claimImported, keepDocument } from "../models/stock-documents.ts";
import type { PostedLine } from "../models/stock.ts";
import { trackedBySku, type TrackedRow } from "../models/variants.ts";
import { sorted } from "./import-fate.ts";
import { requireStore } from "./known-store.ts";
import { book } from "./return-stock.ts";

type Contract = typeof catalogContract;
type Params = ParamsOf<Contract["actions"]["importInventory"]>;
type Row = Params["rows"][number];
interface Opening extends PostedLine { readonly sku: string }

/** A document's event stays far below what one message may hold. */
const LINES_MAX = 500;

const run = command<Contract, "importInventory">(async (tx, { storeId, importKey, rows }) => {
  const variants = new Map((await trackedBySku(tx, rows.map((row) => row.sku.trim()))).map((row) => [row.sku, row]));
  const { accepted, rejected } = sorted(rows, (row: Row) => asOpening(row, variants.get(row.sku.trim())));
  const usable = firstOfEach(accepted.filter((opening) => opening.quantityThousandths > 0));
  const claimed = usable.length > 0 ? await claimImported(tx, importKey, usable.map((opening) => opening.sku)) : new Set<string>();
  const fresh = usable.filter((opening) => claimed.has(opening.sku));
  for (let start = 0; start < fresh.length; start += LINES_MAX) await bookOpening(tx, storeId, fresh.slice(start, start + LINES_MAX));
  return { imported: fresh.length, skipped: accepted.length - fresh.length, rejected };
});

/** One batch of opening stock. Idempotent by import and SKU: the same file again changes nothing. Rows of quantity 0 are skipped, rows with a fault rejected alone.
 *  Emits catalog.stockMoved. @throws not_found (store) */
export const importInventory: Handler = async (ctx: Ctx) => {
  await requireStore(ctx, (ctx.params as Params).storeId);
  return run(ctx);
};

function asOpening({ sku, quantity, unitCost }: Row, variant: TrackedRow | undefined): Opening {
  if (!variant) throw new RowFault("not_found", `There is no variant with the SKU ${sku}`);
  if (!variant.trackStock) throw new RowFault("stock_not_tracked", `The stock of ${sku} is not tracked`);
  const quantityThousandths = thousandths(quantity);
  return { sku: variant.sku, variantId: variant.variantId, quantityThousandths, valueMinor: valueOf(unitCost, quantityThousandths, variant.currency) };
}

const firstOfEach = (openings: readonly Opening[]): Opening[] => [...new Map([...openings].reverse().map((opening) => [opening.sku, opening])).values()].reverse();

async function bookOpening(tx: Tx, storeId: string, openings: readonly Opening[]): Promise<void> {
  const lines = openings.map(({ variantId, quantityThousandths, valueMinor }) => ({ variantId, quantityThousandths, valueMinor }));
  const id = newId();
  await keepDocument(tx, { type: "adjustment", id, storeId, reason: "opening", lines });
  await book(tx, { kind: "opening", documentType: "adjustment", documentId: id, storeId, lines });
}

import { refuse as platformRefuse, typeOf } from "../../../lib/errors.ts";
import type { ParamsOf } from "../../../lib/contract.ts";
import { newId } from "../../../lib/ids.ts";
import { quantityToThousandths } from "../../../lib/quantity.ts";
import { addSafe } from "../../../lib/rounding.ts";
import { identityOf } from "../../../middlewares/identity.ts";
import { callAs, type Ctx } from "../../../mixins/call.ts";
import { command, handler } from "../../../mixins/handlers.ts";
import type { purchasingContract } from "../contract.ts";
import { lineValue } from "../domain/receipt.ts";
import { documentNumber, insertOrder, nextNumber, orderById } from "../models/orders.ts";
import { toOrder } from "../models/representations.ts";
import { suppliers } from "../models/suppliers.ts";
import { refuseForeignAmounts, withTakenReference, withinRange } from "./checks.ts";

type Params = ParamsOf<typeof purchasingContract.actions.createPurchaseOrder>;

/** Drafts a purchase order, numbered without gaps per store. Permission: purchasing.orders.write.
 *  @throws not_found (store, variant or supplier of this tenant), conflict (store or supplier archived), currency_mismatch, amount_out_of_range, already_exists (/reference); in this order */
export const createPurchaseOrder = handler<typeof purchasingContract, "createPurchaseOrder">(async (params, ctx) => {
  const [store, variants] = await Promise.all([storeOf(ctx, params.storeId), variantsOf(ctx, params.lines)]);
  const draft = command<typeof purchasingContract, "createPurchaseOrder">(async (tx) => {
    const supplier = await suppliers.get(ctx, params.supplierId);
    if (supplier.archivedAt) throw platformRefuse.conflict("The supplier is archived", { pointer: "/supplierId" });
    refuseForeignAmounts(store.currency, params.lines.map((line, index) => ({ pointer: `/lines/${index}/unitCost/currency`, amount: line.unitCost })));
    const lines = withinRange(() => params.lines.map((line) => orderLine(line, variants.get(line.variantId)!)));
    const totalMinor = withinRange(() => lines.reduce((sum, line) => addSafe(sum, line.totalMinor), 0));
    const id = newId(), { supplierId, storeId, expectedAt = null, notes = null, reference = null, metadata = {} } = params;
    const number = documentNumber("PO", await nextNumber(tx, storeId, "purchaseOrder"));
    await insertOrder(tx, { id, number, supplierId, storeId, currency: store.currency, totalMinor, expectedAt, notes, reference, metadata, lines });
    return toOrder((await orderById(tx, id))!);
  });
  return withTakenReference(() => draft(ctx)) as Promise<ReturnType<typeof toOrder>>;
});

function orderLine({ variantId, quantity, unitCost }: Params["lines"][number], { sku, name }: { sku: string; name: string }) {
  const thousandths = quantityToThousandths(quantity);
  return { id: newId(), variantId, sku, name, quantity: thousandths, unitCostMinor: unitCost.amount, totalMinor: lineValue(unitCost.amount, thousandths) };
}

async function storeOf(ctx: Ctx, storeId: string) {
  const store = await callAs(asPurchasing(ctx), "entity.storeContext", { storeId }).catch(missing("There is no such store", "/storeId"));
  if (store.archived) throw platformRefuse.conflict("The store is archived", { pointer: "/storeId" });
  return store;
}

async function variantsOf(ctx: Ctx, lines: Params["lines"]) {
  const variantIds = [...new Set(lines.map((line) => line.variantId))];
  const { variants } = await callAs(asPurchasing(ctx), "catalog.describeVariants", { variantIds }).catch(missing("A line names a variant that is not there", "/lines"));
  const byId = new Map(variants.map((variant) => [variant.variantId, variant]));
  const unknown = lines.findIndex((line) => !byId.has(line.variantId));
  if (unknown >= 0) throw platformRefuse.not_found("There is no such variant", { pointer: `/lines/${unknown}/variantId` });
  return byId;
}

const asPurchasing = (ctx: Ctx) => ({ broker: ctx.broker, service: "purchasing", tenantId: identityOf(ctx).tenantId, requestId: ctx.meta.requestId });

/** The other service's 404 speaks of its own parameter: here it is a field of the body. */
const missing = (detail: string, pointer: string) => (error: unknown): never => {
  throw typeOf(error) === "not_found" ? platformRefuse.not_found(detail, { pointer }) : error;
};

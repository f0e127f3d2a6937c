import { tellAudit, type AuditStamp } from "../../../mixins/audit.ts";
import { callAs } from "../../../mixins/call.ts";
import { settleRefusal } from "../../../mixins/idempotency.ts";
import { defineSaga } from "../../../mixins/saga.ts";
import type { ResultOf } from "../../../lib/contract.ts";
import type { purchasingContract } from "../contract.ts";
import { receivedStatus } from "../domain/order-status.ts";
import { byVariant, type ReceiptLine } from "../domain/receipt.ts";
import { addReceived, lockOrder, setStatus } from "../models/orders.ts";
import { markPosted, markRefused, receiptById } from "../models/receipts.ts";
import { toReceipt } from "../models/representations.ts";

export interface GoodsReceipt { readonly receiptId: string; readonly purchaseOrderId: string; readonly storeId: string; readonly at: string; readonly lines: readonly ReceiptLine[]; readonly key: string | null; readonly audit?: AuditStamp }
type Receipt = ResultOf<typeof purchasingContract.actions.getReceipt>;

/** The receipt is written first, then the stock ledger takes it, asked until it answers (by the receipt's id, so it books once).
 *  Refused by catalog: nothing happened there, so what the order counted as received is given back. */
export const goodsReceipt = defineSaga<GoodsReceipt, Receipt>({
  kind: "purchasing.goodsReceipt",
  steps: [
    {
      kind: "pivot", name: "catalog.receiveStock",
      run: (host, { receiptId, purchaseOrderId, storeId, at, lines }) =>
        callAs(host, "catalog.receiveStock", { documentId: receiptId, purchaseOrderId, storeId, lines: byVariant(lines), at }),
    },
  ],
  async complete(tx, { input }) {
    await markPosted(tx, input.receiptId);
    const [order, row] = await Promise.all([lockOrder(tx, input.purchaseOrderId), receiptById(tx, input.receiptId)]);
    const receipt = toReceipt(row!);
    tx.emit({ type: "purchasing.received", subject: input.receiptId, data: {
      receiptId: receipt.id, number: receipt.number, purchaseOrderId: input.purchaseOrderId, supplierId: order!.supplierId, storeId: input.storeId, currency: receipt.currency, at: input.at,
      lines: input.lines.map(({ quantity, ...line }) => ({ ...line, quantityThousandths: quantity, valueMinor: line.goodsMinor + line.landedMinor })),
    } });
    tellAudit(tx, input.audit, input.receiptId);
    return receipt;
  },
  answer: ({ key }, receipt) => (key === null ? undefined : { key, status: 200, body: receipt }),
  async compensated(tx, { input, refusal }) {
    await lockOrder(tx, input.purchaseOrderId);
    await addReceived(tx, input.lines.map(({ lineId, quantity }) => ({ lineId, quantity: -quantity })));
    const order = await lockOrder(tx, input.purchaseOrderId);
    await Promise.all([setStatus(tx, input.purchaseOrderId, receivedStatus(order!.lines)), markRefused(tx, input.receiptId)]);
    if (input.key) await settleRefusal(tx, input.key, refusal);
  },
});

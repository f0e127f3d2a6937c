import { thousandthsToQuantity } from "../../../lib/quantity.ts";
import { tellAudit, type AuditStamp } from "../../../mixins/audit.ts";
import { callAs } from "../../../mixins/call.ts";
import type { Tx } from "../../../mixins/database.ts";
import { settleRefusal, type StoredRefusal } from "../../../mixins/idempotency.ts";
import { defineSaga, type Results, type SagaHost } from "../../../mixins/saga.ts";
import { statusAfter } from "../domain/after-refund.ts";
import { factLine, type Fact } from "../domain/facts.ts";
import type { Order } from "../domain/order-document.ts";
import { lockOrder, nextReturnNumber, rewriteOrder, type OrderContext } from "../models/orders.ts";
import { giveUpReturn, makeReturn, type NewReturn, type ReturnDocument } from "../models/returns.ts";

/** A return as its first transaction agreed it: from here on nothing is computed again. */
export interface Return extends NewReturn {
  readonly reason: string; readonly method: "original" | "cash" | "card" | "external"; readonly key: string | null; readonly by: string | null;
  readonly hour: number; readonly registerId: string | null; readonly channel: string; readonly customerId: string | null; readonly context: OrderContext;
  readonly audit?: AuditStamp;
}
interface Refund { readonly amountMinor: number; readonly roundingMinor: number; readonly parts: readonly { paymentId: string; method: string; amountMinor: number }[] }
const NO_REFUND: Refund = { amountMinor: 0, roundingMinor: 0, parts: [] };

/** What cost nothing gives nothing back. */
async function refundOrder(host: SagaHost, back: Return): Promise<Refund> {
  if (back.totalMinor === 0) return NO_REFUND;
  const sum = (field: "netMinor" | "taxMinor") => back.lines.reduce((total, line) => total + line[field], 0);
  return callAs(host, "payment.refundOrder", {
    refundId: back.id, orderId: back.orderId, amountMinor: back.totalMinor, netMinor: sum("netMinor"), taxMinor: sum("taxMinor"), method: back.method,
    cashRounding: back.context.cashRounding, businessDay: back.businessDay, at: back.at, reason: back.reason,
  }) as Promise<Refund>;
}

const returnStock = (host: SagaHost, back: Return) => callAs(host, "catalog.returnStock", {
  documentId: back.id, orderId: back.orderId, storeId: back.storeId,
  lines: back.lines.map(({ variantId, quantityThousandths, costMinor, restock }) => ({ variantId, quantityThousandths, costMinor, restock })),
});

/** The refund may be refused, so it comes first and is the pivot; goods can always be taken back. */
export const returnSaga = defineSaga<Return, { order: Order; back: ReturnDocument }>({
  kind: "order.return",
  steps: [
    { kind: "pivot", name: "payment.refundOrder", run: refundOrder },
    { kind: "retriable", name: "catalog.returnStock", run: returnStock },
  ],
  complete, answer, compensated,
});

async function complete(tx: Tx, { input, results }: { input: Return; results: Results }): Promise<{ order: Order; back: ReturnDocument }> {
  const refund = results["payment.refundOrder"] as Refund;
  const now = (await lockOrder(tx, input.orderId))!.order.document;
  const order = afterReturn(now, input, refund);
  const number = `${input.context.storeCode}-R${String(await nextReturnNumber(tx, input.storeId)).padStart(6, "0")}`;
  const back = returnDocument(input, number, refund);
  tx.emit({ type: "order.returned", subject: input.orderId, data: returnFact(input, number, refund) });
  tellAudit(tx, input.audit, input.kind === "return" ? input.id : input.orderId);
  await Promise.all([makeReturn(tx, back), rewriteOrder(tx, order)]);
  return { order, back };
}

function answer({ key, kind }: Return, { order, back }: { order: Order; back: ReturnDocument }) {
  if (key === null) return undefined;
  return kind === "return" ? { key, status: 201, body: back } : { key, status: 200, body: order };
}

async function compensated(tx: Tx, { input, refusal }: { input: Return; refusal: StoredRefusal }): Promise<void> {
  await lockOrder(tx, input.orderId);
  await Promise.all([giveUpReturn(tx, input.id), input.key === null ? undefined : settleRefusal(tx, input.key, refusal)]);
}

function afterReturn(order: Order, back: Return, refund: Refund): Order {
  const quantities = Map.groupBy(back.lines, (line) => line.lineId);
  const lines = order.lines.map((line) => {
    const more = (quantities.get(line.id) ?? []).reduce((sum, { quantityThousandths }) => sum + quantityThousandths, 0);
    return { ...line, returnedQuantity: thousandthsToQuantity(Math.round(line.returnedQuantity * 1000) + more) };
  });
  const refunded = { ...order.refunded, amount: order.refunded.amount + refund.amountMinor };
  const status = back.kind === "cancellation" ? "cancelled" : statusAfter({ ...order, lines }, refunded.amount);
  return {
    ...order, lines, status, refunded, updatedAt: back.at, version: (order.version as number) + 1,
    history: [...order.history, { at: back.at, status, by: back.by, note: back.reason }],
  };
}

function returnDocument(back: Return, number: string, refund: Refund): ReturnDocument {
  const money = (amount: number) => ({ amount, currency: back.currency });
  return {
    id: back.id, orderId: back.orderId, number, kind: back.kind,
    lines: back.lines.map(({ lineId, variantId, sku, name, quantityThousandths, restock, discountMinor, taxMinor, totalMinor }) => ({
      lineId, variantId, sku, name, quantity: thousandthsToQuantity(quantityThousandths), restock, discount: money(discountMinor), tax: money(taxMinor), total: money(totalMinor),
    })),
    refund: {
      amount: money(refund.amountMinor), rounding: money(refund.roundingMinor), method: back.method,
      parts: refund.parts.map(({ paymentId, method, amountMinor }) => ({ paymentId, method, amount: money(amountMinor) })),
    },
    reason: back.reason, createdAt: back.at,
  };
}

function returnFact(back: Return, number: string, refund: Refund): Fact {
  return {
    documentId: back.id, orderId: back.orderId, kind: back.kind, number, storeId: back.storeId, registerId: back.registerId, employeeId: back.by, channel: back.channel,
    customerId: back.customerId, customerName: back.context.customerName, country: back.context.country, currency: back.currency, businessDay: back.businessDay, hour: back.hour, at: back.at,
    imported: false, roundingMinor: refund.roundingMinor, lines: back.lines.map((line) => factLine(line)),
  };
}

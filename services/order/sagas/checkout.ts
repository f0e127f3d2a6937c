import type { Tx } from "../../../mixins/database.ts";
import { auditEvent, type AuditStamp } from "../../../mixins/audit.ts";
import { callAs } from "../../../mixins/call.ts";
import { forgetAnswer, settleRefusal, type StoredRefusal } from "../../../mixins/idempotency.ts";
import { defineSaga, type Results, type SagaHost, type Step } from "../../../mixins/saga.ts";
import type { Draft } from "../domain/draft.ts";
import { factLine, lineCosts, type Fact } from "../domain/facts.ts";
import { orderDocument, type Order, type OrderIds, type UnnumberedOrder } from "../domain/order-document.ts";
import { freeReference } from "../models/claims.ts";
import { insertOrder } from "../models/orders.ts";

/** All that a sale needs from its first step to its last, whoever runs it. Every id is chosen before step one. */
export interface Checkout {
  readonly draft: Draft; readonly ids: OrderIds; readonly requestHash: string; readonly key: string | null; readonly by: string | null; readonly customerName: string | null; readonly now: string;
  readonly audit?: AuditStamp;
}
/** Card numbers by payment id live in the memory of the request that brought them, and nowhere else. */
export type CheckoutInMemory = Checkout & { readonly cards?: Readonly<Record<string, string>> };

const orderOf = ({ ids }: Checkout) => ({ orderId: ids.orderId });
const stockOf = ({ draft, ids }: Checkout) => ({
  orderId: ids.orderId, storeId: draft.store.storeId, lines: draft.lines.map(({ variantId, quantityThousandths }) => ({ variantId, quantityThousandths })),
});
const paymentOf = ({ draft, ids, cards }: CheckoutInMemory) => ({
  orderId: ids.orderId, storeId: draft.store.storeId, registerId: draft.registerId, currency: draft.currency, businessDay: draft.businessDay, at: draft.placedAt,
  netMinor: draft.lines.reduce((sum, line) => sum + line.netMinor, 0), taxMinor: draft.taxTotalMinor, roundingMinor: draft.roundingMinor,
  payments: draft.tenders.map(({ method, amountMinor, tenderedMinor, changeMinor }, index) => {
    const id = ids.paymentIds[index]!, number = cards?.[id];
    return { id, method, amountMinor, ...(tenderedMinor === undefined ? {} : { tenderedMinor }), ...(changeMinor === undefined ? {} : { changeMinor }), ...(number ? { card: { number } } : {}) };
  }),
});

/** Without its card numbers (their request died) a sale is not authorised again: the capture says whether it had been. */
function authorize(host: SagaHost, sale: CheckoutInMemory): Promise<unknown> {
  return sale.cards ? callAs(host, "payment.authorize", paymentOf(sale)) : Promise.resolve(null);
}

const settle = async (host: SagaHost, sale: Checkout) => (sale.draft.tenders.length > 0 ? callAs(host, "payment.settle", paymentOf(sale)) : null);

/** Nothing can refuse cash, so the goods are the only question, and the money is booked while the order is written. See docs/adr/0003-checkout-saga.md. */
const CASH: readonly Step<Checkout>[] = [{ kind: "pivot", name: "catalog.takeStock", run: (host, sale) => callAs(host, "catalog.takeStock", stockOf(sale)) }];
const MONEY: Step<Checkout> = { kind: "retriable", name: "payment.settle", run: settle };
const CARD: readonly Step<CheckoutInMemory>[] = [
  { kind: "compensatable", name: "catalog.reserveStock", run: (host, sale) => callAs(host, "catalog.reserveStock", stockOf(sale)), undo: (host, sale) => callAs(host, "catalog.releaseStock", orderOf(sale)) },
  // Void before release: a held amount hurts the customer, a held unit only the shelf. Undo runs from the last row up.
  { kind: "compensatable", name: "payment.authorize", run: authorize, undo: (host, sale) => callAs(host, "payment.void", orderOf(sale)) },
  { kind: "pivot", name: "payment.capture", run: (host, sale) => callAs(host, "payment.capture", orderOf(sale)) },
  { kind: "retriable", name: "catalog.commitStock", run: (host, sale) => callAs(host, "catalog.commitStock", orderOf(sale)) },
];

export const cashCheckout = defineSaga<CheckoutInMemory, Order>({ kind: "order.checkout", steps: CASH, beside: MONEY, completeTogether, compensated });
export const cardCheckout = defineSaga<CheckoutInMemory, Order>({ kind: "order.cardCheckout", steps: CARD, completeTogether, compensated });
export const checkoutOf = (draft: Draft) => (draft.tenders.some(({ method }) => method === "card") ? cardCheckout : cashCheckout);

interface Issued { readonly lines: { variantId: string; costMinor: number }[] }

/** The order, its number, its events and the answer: all or nothing, and only now that nobody can refuse goods or money any more.
 *  Sales that end at once share the transaction, because the store's counter stays locked until its commit. */
async function completeTogether(tx: Tx, { input, fence, results }: { input: Checkout; fence: number; results: Results }): Promise<Order | undefined> {
  const { draft, ids, by, now, key, audit } = input;
  const issued = (results["catalog.takeStock"] ?? results["catalog.commitStock"]) as Issued;
  const costs = lineCosts(draft.lines, issued.lines), sold = orderDocument({ draft, ids, by, now });
  const events = [{ type: "order.completed", subject: ids.orderId, data: saleFact(input, costs) }, ...(audit ? [auditEvent(tx, audit, ids.orderId)] : [])];
  const number = await insertOrder(tx, { ...rowOf(input, sold), fence, key }, { ...partsOf(input, costs), events });
  return number === undefined ? undefined : { number, ...sold };
}

/** The sale leaves nothing: its number was not used, its reference is free, and its key remembers the refusal.
 *  A card sale whose process died before the provider was asked was refused by nobody: its key is free, so the same request sells. */
async function compensated(tx: Tx, { input, refusal }: { input: Checkout; refusal: StoredRefusal }): Promise<void> {
  const { draft: { reference }, ids, key } = input;
  await Promise.all([
    key === null ? undefined : (refusal.type === "payment_ended" ? forgetAnswer(tx, key) : settleRefusal(tx, key, refusal)),
    reference === null ? undefined : freeReference(tx, reference, ids.orderId),
  ]);
}

function rowOf({ draft, ids, requestHash, by, customerName }: Checkout, document: UnnumberedOrder) {
  const { store } = draft;
  return {
    id: ids.orderId, storeCode: store.code, storeId: store.storeId, customerId: draft.customerId, currency: draft.currency, totalMinor: draft.totalMinor, roundingMinor: draft.roundingMinor,
    placedAt: draft.placedAt, businessDay: draft.businessDay, requestHash, document,
    context: {
      storeCode: store.code, storeName: store.storeName, tenantName: store.tenantName, timezone: store.timezone, cashRounding: store.cashRounding, hour: draft.hour, employeeId: by, customerName,
      country: store.country, roundingMode: String(store.rounding.mode), pricesIncludeTax: store.pricesIncludeTax,
    },
  };
}

function partsOf({ draft, ids }: Checkout, costs: readonly number[]) {
  return {
    lines: draft.lines.map((line, index) => ({ ...line, id: ids.lineIds[index]!, position: index, costMinor: costs[index]! })),
    tenders: draft.tenders.map(({ method, amountMinor, tenderedMinor, changeMinor }, index) => ({ id: ids.paymentIds[index]!, method, amountMinor, tenderedMinor, changeMinor })),
  };
}

function saleFact({ draft, ids, by, customerName }: Checkout, costs: readonly number[]): Omit<Fact, "number"> {
  return {
    documentId: ids.orderId, orderId: ids.orderId, kind: "sale", storeId: draft.store.storeId, registerId: draft.registerId, employeeId: by, channel: draft.channel,
    customerId: draft.customerId, customerName, country: draft.store.country, currency: draft.currency, businessDay: draft.businessDay, hour: draft.hour, at: draft.placedAt,
    imported: false, roundingMinor: draft.roundingMinor, lines: draft.lines.map((line, index) => factLine({ ...line, lineId: ids.lineIds[index]!, costMinor: costs[index]! })),
  };
}

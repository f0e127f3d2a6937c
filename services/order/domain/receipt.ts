/** The receipt as lines of text, 42 columns: what a thermal printer prints and the PDF shows. */
import { toDecimalString } from "../../../lib/money.ts";
import type { Order } from "./order-document.ts";

export const RECEIPT_COLUMNS = 42;
export interface ReceiptHead { readonly tenantName: string; readonly storeName: string; readonly day: string; readonly clock: string; readonly pricesIncludeTax: boolean }
type Money = Order["total"];

/** Wide characters are not counted as two: printers of such scripts have a code page of their own. */
export function receiptLines(order: Order, head: ReceiptHead): string[] {
  return [
    ...[head.tenantName, head.storeName].flatMap((text) => wrap(text).map(centre)), "",
    pair(order.number, `${head.day} ${head.clock}`), RULE,
    ...order.lines.flatMap(lineOf), RULE,
    ...totalsOf(order), ...taxesOf(order, head.pricesIncludeTax), RULE, ...order.payments.flatMap(paymentOf), ...afterwards(order),
    "", centre("Thank you"),
  ];
}

const RULE = "-".repeat(RECEIPT_COLUMNS);

function lineOf({ name, quantity, unitPrice, discount, total }: Order["lines"][number]): string[] {
  const gross = { ...total, amount: total.amount + discount.amount };
  return [
    ...wrap(name), pair(`  ${quantity} x ${toDecimalString(unitPrice)}`, toDecimalString(discount.amount === 0 ? total : gross)),
    ...(discount.amount === 0 ? [] : [pair("  Discount", toDecimalString(negative(discount)))]),
  ];
}

function totalsOf(order: Order): string[] {
  return [
    ...(order.rounding.amount === 0 ? [] : [pair("Rounding", toDecimalString(order.rounding))]),
    pair(`TOTAL ${order.currency}`, toDecimalString(order.total)),
  ];
}

/** Σ per name and rate over the lines. */
function taxesOf(order: Order, included: boolean): string[] {
  const sums = new Map<string, number>();
  for (const { name, percent, amount } of order.lines.flatMap((line) => line.taxes)) {
    const key = `${included ? "incl. " : ""}${name}${name.includes("%") ? "" : ` ${percent} %`}`;
    sums.set(key, (sums.get(key) ?? 0) + amount.amount);
  }
  return [...sums].map(([key, amount]) => pair(`  ${key}`, toDecimalString({ amount, currency: order.currency })));
}

function paymentOf({ method, amount, tendered, change, card }: Order["payments"][number]): string[] {
  const label = card ? `Card **** ${card.last4}` : TENDERS[method as string] ?? "Paid";
  const handed = tendered && change && change.amount > 0;
  return handed ? [pair(label, toDecimalString(tendered)), pair("Change", toDecimalString(change))] : [pair(label, toDecimalString(amount))];
}
const TENDERS: Readonly<Record<string, string>> = { cash: "Cash", card: "Card", external: "Card terminal" };

const afterwards = ({ refunded, status }: Order): string[] => [
  ...(refunded.amount > 0 ? [pair("Refunded", toDecimalString(negative(refunded)))] : []), ...(status === "cancelled" ? [centre("CANCELLED")] : []),
];

const negative = (value: Money): Money => ({ ...value, amount: -value.amount });
const centre = (text: string): string => `${" ".repeat(Math.max(0, Math.floor((RECEIPT_COLUMNS - text.length) / 2)))}${text}`;

/** The amount is always whole; the label gives way. */
function pair(left: string, right: string): string {
  const room = RECEIPT_COLUMNS - right.length - 1;
  return `${left.slice(0, room).padEnd(room)} ${right}`;
}

function wrap(text: string): string[] {
  const rows: string[] = [];
  for (const word of text.replace(/[\p{Cc}\s]+/gu, " ").trim().split(" ")) {
    const last = rows.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= RECEIPT_COLUMNS) rows[rows.length - 1] = `${last} ${word}`;
    else for (let at = 0; at === 0 || at < word.length; at += RECEIPT_COLUMNS) rows.push(word.slice(at, at + RECEIPT_COLUMNS));
  }
  return rows;
}

import type { ResultOf } from "../../../lib/contract.ts";
import { money } from "../../../lib/money.ts";
import { thousandthsToQuantity } from "../../../lib/quantity.ts";
import type { purchasingContract } from "../contract.ts";
import type { OrderRow } from "./orders.ts";
import type { ReceiptRow } from "./receipts.ts";
import type { SupplierRow } from "./suppliers.ts";

type Actions = typeof purchasingContract.actions;

/** Rows as clients see them. */
export const toSupplier = (row: SupplierRow): ResultOf<Actions["getSupplier"]> => row;

export function toOrder({ supplierName: _, totalMinor, lines, ...row }: OrderRow): ResultOf<Actions["getPurchaseOrder"]> {
  return {
    ...row,
    total: money(totalMinor, row.currency),
    lines: lines.map((line) => ({
      id: line.id, variantId: line.variantId, sku: line.sku, name: line.name, quantity: thousandthsToQuantity(line.quantity),
      unitCost: money(line.unitCostMinor, row.currency), total: money(line.totalMinor, row.currency),
      received: thousandthsToQuantity(line.received), outstanding: thousandthsToQuantity(line.quantity - line.received),
    })),
  };
}

export function toReceipt({ requestHash: _, totalMinor, lines, landedCosts, discrepancies, ...row }: ReceiptRow): ResultOf<Actions["getReceipt"]> {
  const amount = (minor: number) => money(minor, row.currency);
  return {
    ...row,
    total: amount(totalMinor),
    lines: lines.map((line) => ({
      lineId: line.lineId, variantId: line.variantId, quantity: thousandthsToQuantity(line.quantity), unitCost: amount(line.unitCostMinor),
      goods: amount(line.goodsMinor), landedCost: amount(line.landedMinor), value: amount(line.goodsMinor + line.landedMinor),
    })),
    landedCosts: landedCosts.map(({ name, amountMinor, split }) => ({ name, amount: amount(amountMinor), split })),
    discrepancies: discrepancies.map(({ lineId, kind, expected, received }) => {
      const shown = kind === "unitCost" ? amount : thousandthsToQuantity;
      return { lineId, kind, expected: shown(expected), received: shown(received) };
    }),
  };
}

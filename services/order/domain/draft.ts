/** The order as it is agreed before anything is done about it: what the saga carries from its first step to its last. */
import type { ParamsOf, ResultOf } from "../../../lib/contract.ts";
import type { catalogContract } from "../../catalog/contract.ts";
import type { entityContract } from "../../entity/contract.ts";
import type { orderContract } from "../contract.ts";
import type { Explanation, PricedLine } from "./priced-order.ts";

export type Basket = Omit<ParamsOf<(typeof orderContract)["actions"]["quoteOrder"]>, "id">;
export type StoreContext = ResultOf<(typeof entityContract)["actions"]["storeContext"]>;
export type Variant = ResultOf<(typeof catalogContract)["actions"]["priceLines"]>["variants"][number];
export type Method = "cash" | "card" | "external";

export interface DraftLine extends PricedLine {
  readonly productId: string; readonly categoryId: string | null; readonly categoryName: string | null; readonly sku: string; readonly name: string;
}
/** Of a card only what a receipt may show. */
export interface DraftTender {
  /** Its place among the payments of the request. */
  readonly sentAs: number;
  readonly method: Method; readonly amountMinor: number; readonly tenderedMinor?: number; readonly changeMinor?: number; readonly card?: { readonly brand: string | null; readonly last4: string };
}
/** Minor units of `currency`. totalMinor is what is paid: Σ line totals + roundingMinor. */
export interface Draft {
  readonly store: StoreContext; readonly registerId: string | null; readonly customerId: string | null; readonly channel: string; readonly currency: string;
  readonly lines: readonly DraftLine[]; readonly tenders: readonly DraftTender[];
  readonly subtotalMinor: number; readonly discountTotalMinor: number; readonly taxTotalMinor: number; readonly roundingMinor: number; readonly totalMinor: number; readonly cashTotalMinor: number; readonly changeMinor: number;
  readonly placedAt: string; readonly businessDay: string; readonly hour: number; readonly reference: string | null; readonly metadata: Record<string, string>; readonly explain: readonly Explanation[];
}

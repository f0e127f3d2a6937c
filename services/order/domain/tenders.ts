/** Settles an order's total with its tenders: who takes what, what cash is rounded to, what change is due (R8). */
import { addSafe } from "../../../lib/rounding.ts";
import { roundCash } from "./cash-rounding.ts";

/** `amountMinor` settles; one payment may leave it out and takes what remains. `tenderedMinor` (cash) was handed over. */
export interface TenderInput {
  readonly method: string;
  readonly amountMinor?: number;
  readonly tenderedMinor?: number;
}

/** Same order as the payments sent. `tenderedMinor` and `changeMinor` are there for cash only. */
export interface SettledTender {
  readonly method: string;
  readonly amountMinor: number;
  readonly tenderedMinor?: number;
  readonly changeMinor?: number;
}

export interface Settlement {
  readonly payments: readonly SettledTender[];
  /** signed: payable − total */
  readonly roundingMinor: number;
  /** Σ amounts: what the order's total becomes */
  readonly payableMinor: number;
  readonly changeMinor: number;
}

/** `expectedMinor`: what the payments should have added up to, cash rounded. */
export interface TenderRefusal {
  readonly refused: "amount_mismatch";
  readonly detail: string;
  readonly expectedMinor: number;
}

/** Only what cash has to cover is rounded: the total less the fixed amounts of the other methods. Where another method
 *  takes what remains, cash is a round amount already and nothing is rounded. A payment may come out as 0.
 *  Checks in this order: a negative amount, two open amounts, an amount too high or too low, cash
 *  off the step, tendered.
 *  @param totalMinor not negative  @param cashStep minor units, null for none
 *  @example settleTenders({ totalMinor: 1291, cashStep: 5, payments: [{ method: "card", amountMinor: 1000 }, { method: "cash" }] })
 *    // card 1000, cash 290, roundingMinor -1 (C10) */
export function settleTenders({ totalMinor, cashStep, payments }: {
  totalMinor: number;
  cashStep: number | null;
  payments: readonly TenderInput[];
}): Settlement | TenderRefusal {
  const expectedMinor = payable(totalMinor, cashStep, payments);
  const refuse = (detail: string): TenderRefusal => ({ refused: "amount_mismatch", detail, expectedMinor });
  if (payments.some(({ amountMinor = 0, tenderedMinor = 0 }) => amountMinor < 0 || tenderedMinor < 0)) {
    return refuse("An amount is negative.");
  }
  const open = payments.filter(isOpen);
  if (open.length > 1) return refuse("Only one payment may leave its amount out.");
  const remainder = expectedMinor - fixedSum(payments);
  if (remainder < 0) return refuse("The payments add up to more than the total.");
  if (remainder > 0 && open.length === 0) return refuse("The payments add up to less than the total.");
  const cashMinor = fixedSum(payments.filter(isCash));
  if (!open.some(isCash) && roundCash(cashMinor, cashStep) !== cashMinor) return refuse(`Cash is paid in steps of ${cashStep}.`);
  const settled = payments.map((payment) => settle(payment, remainder));
  const reason = payments.map((payment, index) => tenderedFault(payment, settled[index]!)).find((fault) => fault !== undefined);
  if (reason !== undefined) return refuse(reason);
  const changeMinor = settled.reduce((sum, { changeMinor: change = 0 }) => addSafe(sum, change), 0);
  return { payments: settled, roundingMinor: expectedMinor - totalMinor, payableMinor: expectedMinor, changeMinor };
}

const isCash = ({ method }: TenderInput): boolean => method === "cash";
const isOpen = ({ amountMinor }: TenderInput): boolean => amountMinor === undefined;
const fixedSum = (payments: readonly TenderInput[]): number => payments.reduce((sum, { amountMinor = 0 }) => addSafe(sum, amountMinor), 0);

/** The total with its cash part rounded. Another method with an open amount pays to the last unit: nothing to round. */
function payable(totalMinor: number, cashStep: number | null, payments: readonly TenderInput[]): number {
  const others = payments.filter((payment) => !isCash(payment));
  if (others.length === payments.length || others.some(isOpen)) return totalMinor;
  const othersMinor = fixedSum(others);
  return othersMinor > totalMinor ? totalMinor : othersMinor + roundCash(totalMinor - othersMinor, cashStep);
}

function settle(payment: TenderInput, remainderMinor: number): SettledTender {
  const { method, amountMinor = remainderMinor } = payment;
  if (!isCash(payment)) return { method, amountMinor };
  const { tenderedMinor = amountMinor } = payment;
  return { method, amountMinor, tenderedMinor, changeMinor: tenderedMinor - amountMinor };
}

function tenderedFault(payment: TenderInput, { changeMinor = 0 }: SettledTender): string | undefined {
  if (!isCash(payment) && payment.tenderedMinor !== undefined) return "Only cash is tendered.";
  return changeMinor < 0 ? "Less cash was tendered than is due." : undefined;
}

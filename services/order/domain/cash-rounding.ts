/** Cash rounding of a sum: for the price tag of a quote, and for the part of an order that is paid in cash (R8). */
import { roundToStep } from "../../../lib/rounding.ts";
import type { Explanation } from "./priced-order.ts";

/** @param step minor units, null for none. @returns `amountMinor` to the nearest step, ties away from zero. */
export function roundCash(amountMinor: number, step: number | null): number {
  return step === null ? amountMinor : roundToStep(amountMinor, step);
}

/** What an order would cost in cash, and the sentence that says why it may differ. */
export function cashRounding(totalMinor: number, step: number | null): { cashTotalMinor: number; explanation: Explanation } {
  const cashTotalMinor = roundCash(totalMinor, step);
  const amountMinor = cashTotalMinor - totalMinor;
  const reason = step === null ? "the store does not round cash" : `only what is paid in cash, to steps of ${step}`;
  return { cashTotalMinor, explanation: { rule: "cashRounding", applied: amountMinor !== 0, reason, amountMinor } };
}

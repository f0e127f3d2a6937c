/** Where a refund goes: back over the tenders that paid, pro rata, never above what is left of each (R7). */
import { allocateCapped } from "./allocate.ts";
import { addSafe, roundToStep } from "./rounding.ts";

/** One payment of the order. Pass a single one to refund to the tender that the request names. */
export interface PaidTender {
  readonly method: string;
  readonly paidMinor: number;
  readonly refundedMinor: number;
  /** cash rounding within `paidMinor` (signed, as on the sale); 0 unless given */
  readonly roundingMinor?: number;
  /** Σ `roundingMinor` of the earlier refund parts of this tender; 0 unless given */
  readonly refundRoundingMinor?: number;
}

/** `amountMinor` leaves the till; it differs from `dueMinor` by the cash rounding only. */
export interface RefundPart {
  readonly method: string;
  readonly dueMinor: number;
  readonly amountMinor: number;
  readonly roundingMinor: number;
}

export interface TenderRefund {
  /** same order as the tenders; parts of 0 included */
  readonly parts: readonly RefundPart[];
  readonly amountMinor: number;
  /** what no tender had room for: the caller refuses it (more refunded than captured) */
  readonly unappliedMinor: number;
}

/** Shares by largest remainder over what was paid; a tender that is used up leaves its share to the others.
 *  Cash is rounded on the sum of all its refunds so far, so that pieces add up to the cash that was paid:
 *  3 × 1.01 paid with 3.05 comes back as 1.00, 1.00 and 1.05.
 *  @param amountMinor what is owed, exact, not negative  @param cashStep minor units, null for none
 *  Source: rules.md R7, R8, F04; API section 11 (5.02 in steps of 0.05 gives 5.00) */
export function refundOverTenders({ amountMinor, cashStep, tenders }: {
  amountMinor: number;
  cashStep: number | null;
  tenders: readonly PaidTender[];
}): TenderRefund {
  const { parts: dues, unapplied } = allocateCapped({
    amountMinor,
    caps: tenders.map((tender) => Math.max(0, claim(tender) - claimedBefore(tender))),
    weights: tenders.map((tender) => Math.max(0, claim(tender))),
  });
  const parts = tenders.map((tender, index) => refundPart(tender, dues[index]!, cashStep));
  const refunded = parts.reduce((sum, part) => addSafe(sum, part.amountMinor), 0);
  return { parts, amountMinor: refunded, unappliedMinor: unapplied };
}

/** What the tender covers of the order, and what refunds took of that: both before cash rounding. */
const claim = ({ paidMinor, roundingMinor = 0 }: PaidTender): number => paidMinor - roundingMinor;
const claimedBefore = ({ refundedMinor, refundRoundingMinor = 0 }: PaidTender): number => refundedMinor - refundRoundingMinor;

function refundPart(tender: PaidTender, dueMinor: number, cashStep: number | null): RefundPart {
  const { method, paidMinor, refundedMinor } = tender;
  const step = method === "cash" ? cashStep : null;
  const dueInAll = claimedBefore(tender) + dueMinor;
  const amountMinor = dueMinor === 0 ? 0 : Math.max(0, Math.min(roundedCash(dueInAll, step), paidMinor) - refundedMinor);
  return { method, dueMinor, amountMinor, roundingMinor: amountMinor - dueMinor };
}

/** To the nearest step, ties away from zero (R8); no step, no rounding. */
const roundedCash = (amountMinor: number, step: number | null): number => (step === null ? amountMinor : roundToStep(amountMinor, step));

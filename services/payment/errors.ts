import { refusals, type ErrorCatalogue } from "../../lib/errors.ts";

/** What the payment service says no with. */
export const PAYMENT_ERRORS = {
  payment_declined: { status: 402, title: "The payment was declined", remedy: "Take another card or another method. `reason` says why: `declined`, `insufficient_funds`, `capture_failed`." },
  invalid_card: { status: 422, title: "This is not a card number", remedy: "Check the digits of the field that `pointer` names." },
  payment_ended: { status: 409, title: "The payment of this order was undone", remedy: "Sell again under a new order id." },
  refund_exceeds_captured: { status: 409, title: "More would go back than was captured", remedy: "Refund at most what `available` says." },
  refund_currency_mismatch: { status: 422, title: "The payment was made in another currency", remedy: "Send the amount in the currency of the payment." },
  refund_refused: { status: 422, title: "The money cannot go back this way", remedy: "Choose the method `original`, or another." },
} as const satisfies ErrorCatalogue;

export const refuse = refusals(PAYMENT_ERRORS);

/** A line or a discount that no contract should have let through: our bug, not the customer's. */

export type PricingErrorCode = "invalid_line" | "invalid_discount";

export class PricingError extends Error {
  readonly code: PricingErrorCode;
  constructor(code: PricingErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

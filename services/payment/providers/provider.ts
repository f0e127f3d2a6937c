/** What we ask of a card provider. Every question carries our payment id: asked twice, it is done once. */

export interface ChargeKey { readonly tenantId: string; readonly paymentId: string }
export interface ChargeRequest extends ChargeKey { readonly amountMinor: number; readonly currency: string; readonly cardNumber: string }
export type DeclineReason = "declined" | "insufficient_funds" | "capture_failed" | "voided";
export type Outcome = { readonly done: true; readonly ref: string } | { readonly done: false; readonly reason: DeclineReason };

/** How the provider remembers a charge: what our books are held against. */
export interface Truth { readonly paymentId: string; readonly status: string; readonly capturedMinor: number; readonly refundedMinor: number }

/** Called outside any open transaction, for it may be on the other side of the world.
 *  Throws only when the outcome is unknown; a "no" is an outcome. */
export interface Provider {
  readonly name: string;
  authorize(charge: ChargeRequest): Promise<Outcome>;
  capture(charge: ChargeKey): Promise<Outcome>;
  /** The holder keeps or gets back the whole: accepts that the charge never happened, and then it never will. */
  void(charge: ChargeKey): Promise<void>;
  refund(refund: ChargeKey & { readonly refundId: string; readonly amountMinor: number }): Promise<Outcome>;
  retrieve(tenantId: string, paymentIds: readonly string[]): Promise<Truth[]>;
}

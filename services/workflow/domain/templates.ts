export type WorkflowStep = { readonly kind: "notify" } | { readonly kind: "email"; readonly to: readonly string[] };

/** The workflows that every tenant has, made when they are first needed. */
export const TEMPLATES = [
  { template: "lowStock", name: "Low-stock alert", triggerEvent: "catalog.stockLow", steps: [{ kind: "notify" }, { kind: "email", to: [] }] as WorkflowStep[] },
] as const;

/** A mail server that was down over a long weekend is still tried when it is back. */
export const ATTEMPTS_MAX = 30;
const PAUSE_FIRST_S = 1;
const PAUSE_MAX_S = 3 * 3_600;

/** Seconds until the next try after so many. */
export const pauseAfter = (tries: number): number => Math.min(PAUSE_MAX_S, PAUSE_FIRST_S * 2 ** (tries - 1));

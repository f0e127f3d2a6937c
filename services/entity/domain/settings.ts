/** What a new tenant starts with: halves go up, tax is rounded per line (R2, R3). */
export const DEFAULT_SETTINGS = { rounding: { mode: "halfUp", level: "line" } } as const;

/** Beyond this, tokens and proofs end early or late on this node, and its documents bear wrong times. */
const SKEW_MAX_MS = 30_000;

/** Compares this machine's clock with the database's, which was read somewhere between asking and answering. @returns a sentence when they differ */
export function clockTrouble(databaseMs: number, askedAtMs: number, answeredAtMs: number): string | undefined {
  const skewMs = databaseMs < askedAtMs ? askedAtMs - databaseMs : Math.min(0, answeredAtMs - databaseMs);
  if (Math.abs(skewMs) <= SKEW_MAX_MS) return undefined;
  return `The clock of this machine is ${Math.round(Math.abs(skewMs) / 1_000)} s ${skewMs > 0 ? "ahead of" : "behind"} the database's: set it (NTP).`;
}

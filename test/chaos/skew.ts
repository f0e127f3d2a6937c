/* Preloaded into a node (`--import`): its clock is wrong by SKEW_MS, from the start or (SKEW_LATER=yes) from a SIGUSR2 to the next one. Timers go by the
   monotonic clock and stay right, as on a machine whose clock somebody set. */

const wrongBy = Number(process.env.SKEW_MS);
let skewMs = process.env.SKEW_LATER === "yes" ? 0 : wrongBy;
process.on("SIGUSR2", () => { skewMs = skewMs === 0 ? wrongBy : 0; });
const RealDate = Date;

globalThis.Date = class extends RealDate {
  constructor(...given: [] | ConstructorParameters<typeof RealDate>) {
    if (given.length === 0) super(RealDate.now() + skewMs);
    else super(...(given as ConstructorParameters<typeof RealDate>));
  }
  static override now(): number {
    return RealDate.now() + skewMs;
  }
} as DateConstructor;

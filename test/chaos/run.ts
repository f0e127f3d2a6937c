import { parseArgs } from "node:util";
import type { Fault } from "./fault.ts";
import { FAULTS } from "./faults.ts";
import { brokenPromises } from "./invariants.ts";
import { startLoad } from "./load.ts";
import { seeded } from "./random.ts";
import { startRig, type Rig } from "./rig.ts";

/** What one fault did. Times in ms. */
export interface Verdict {
  readonly fault: string; readonly what: string; readonly broken: readonly string[];
  readonly acknowledged: number; readonly refused: number; readonly unknown: number; readonly retries: number;
  /** From the end of the fault until a new sale was acknowledged, and until nothing waited any more. */
  readonly firstSaleMs: number; readonly restMs: number; readonly longestSaleMs: number;
}

const WARM_MS = 2_000, AFTER_MS = 3_000, RECOVERY_MAX_MS = 10_000;

/** Strikes a cluster under load with one fault, heals it, lets it come to rest, and looks at every promise. */
export async function strike(rig: Rig, fault: Fault, seed: number): Promise<Verdict> {
  const shops = await rig.openShops(2);
  const load = startLoad({ bases: rig.edges(), shops, clients: 8, seed });
  const pause = (ms: number) => new Promise((wake) => setTimeout(wake, ms));
  const broken: string[] = [];
  await pause(WARM_MS);
  try {
    broken.push(...(await fault.strike(rig, seeded(seed), shops)) ?? []);
  } catch (error) {
    broken.push(`the fault could not be done: ${(error as Error).message}`);
  }
  const healedAt = Date.now();
  await pause(AFTER_MS);
  const isSold = () => load.history.find(({ kind, outcome, startedAt, endedAt }) => kind.endsWith("Sale") && outcome === "ok" && Math.max(startedAt, endedAt) > healedAt);
  while (!isSold() && Date.now() < healedAt + 6 * RECOVERY_MAX_MS) await pause(100);
  const first = isSold()?.endedAt ?? Infinity;
  if (first - healedAt > RECOVERY_MAX_MS) broken.push(`I18 the first sale after it took ${first - healedAt} ms`);
  await load.stop();
  const stoppedAt = Date.now();
  await rig.rest().catch((error: Error) => broken.push(error.message));
  const restMs = Date.now() - stoppedAt;
  broken.push(...await brokenPromises(await rig.database(), shops, load.history));
  const more = await fault.verdict?.(rig);
  if (more) broken.push(more);
  const count = (outcome: string) => load.history.filter((entry) => entry.outcome === outcome).length;
  return {
    fault: fault.id, what: fault.what, broken, acknowledged: count("ok"), refused: count("fail"), unknown: count("info"), retries: load.history.reduce((sum, { attempts }) => sum + attempts - 1, 0),
    firstSaleMs: first - healedAt, restMs, longestSaleMs: Math.max(...load.history.map(({ startedAt, endedAt }) => endedAt - startedAt)),
  };
}

/** A row of the table in docs/operations.md. */
function rowOf({ fault, what, acknowledged, refused, unknown, retries, longestSaleMs, firstSaleMs, restMs, broken }: Verdict): string {
  const seconds = (ms: number) => `${(ms / 1_000).toFixed(1)} s`;
  const seen = `${acknowledged} done, ${refused} refused for reasons of their own, ${retries} retries${unknown ? `, ${unknown} without an answer` : ""}`;
  return `| ${fault} | ${what} | ${seen} | ${seconds(longestSaleMs)} | ${seconds(firstSaleMs)} | ${seconds(restMs)} | ${broken.length === 0 ? "held" : "BROKEN"} |`;
}

/** `npm run chaos [-- --seed 1 --only F01,F14]`: exit status 1 when a promise is broken. */
async function main(): Promise<void> {
  const { values } = parseArgs({ options: { seed: { type: "string", default: "1" }, only: { type: "string" } } });
  const seed = Number(values.seed), only = values.only?.split(",");
  const faults = FAULTS.filter(({ id }) => !only || only.includes(id));
  console.log(`seed ${seed}, ${faults.length} faults\n\n| fault | what | clients saw | slowest answer | first sale after | at rest after | promises |\n| --- | --- | --- | --- | --- | --- | --- |`);
  const rig = await startRig();
  let broken = 0;
  try {
    for (const fault of faults) {
      const verdict = await strike(rig, fault, seed);
      broken += verdict.broken.length;
      console.log(rowOf(verdict));
      for (const sentence of verdict.broken) console.log(`    ${sentence}`);
      if (verdict.broken.length > 0) for (const { node, line } of rig.log.slice(-15)) console.log(`      ${node} ${line.slice(0, 300)}`);
    }
  } finally {
    await rig.stop();
  }
  console.log(broken === 0 ? "\nEvery promise holds." : `\n${broken} promises are broken.`);
  process.exitCode = broken === 0 ? 0 : 1;
}

if (import.meta.main) await main();

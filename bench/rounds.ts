import { cpuSeconds, load, type Server } from "./measure.ts";
import { sale, stockShop, target, type Shop } from "./shop.ts";

export const WIDTH = 16;
export interface Round { readonly nodeMs: number; readonly postgresMs: number; readonly perSecond: number }
/** One of several platforms side by side, with what was measured of it. CPU in milliseconds a sale. */
export interface Side { readonly name: string; readonly server: Server; readonly shop: Shop; readonly rounds: Round[] }

export const openSide = async (name: string, server: Server): Promise<Side> => ({ name, server, shop: await stockShop(server), rounds: [] });

/** Loads the platforms in turn, round after round: what the machine does meanwhile befalls all of them alike. */
export async function measureInTurn(sides: readonly Side[], given: { rounds: number; seconds: number }): Promise<void> {
  for (const side of sides) await measure(side, given.seconds); // warm-up: plans, caches, JIT
  for (let round = 0; round < given.rounds; round++) for (const side of sides) side.rounds.push(await measure(side, given.seconds));
}

async function measure({ server, shop }: Side, seconds: number): Promise<Round> {
  const before = cpuSeconds(server);
  const measured = await load({ ...target(server, shop), width: WIDTH, seconds, next: sale(shop) });
  await new Promise((wake) => setTimeout(wake, 1_500)); // events and spans are part of a sale
  const after = cpuSeconds(server), sales = measured.requests - measured.failed;
  return { nodeMs: ((after.node - before.node) * 1_000) / sales, postgresMs: ((after.postgres - before.postgres) * 1_000) / sales, perSecond: measured.perSecond };
}

export const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
/** How much more of something one has than another, round by round: the median of the ratios, less one. */
export const more = (side: Side, than: Side, of: (round: Round) => number): number => median(side.rounds.map((round, index) => of(round) / of(than.rounds[index]!))) - 1;

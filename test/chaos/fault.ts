import type { Shop } from "../support/shop.ts";
import type { seeded } from "./random.ts";
import type { Rig } from "./rig.ts";

export type Random = ReturnType<typeof seeded>;

/** One fault of the reliability design: done to a cluster under load, and healed when `strike` resolves. */
export interface Fault {
  readonly id: string;
  readonly what: string;
  /** @returns what is wrong already, if anything can be seen while it lasts */
  strike(rig: Rig, random: Random, shops: readonly Shop[]): Promise<readonly string[] | void>;
  /** More than the invariants. @returns what is wrong, or undefined */
  verdict?(rig: Rig): Promise<string | undefined>;
}

export const pause = (ms: number): Promise<void> => new Promise((wake) => { setTimeout(wake, ms); });
export const on = <T, R>(list: readonly T[], deed: (item: T) => R): Promise<Awaited<R>[]> => Promise.all(list.map(deed));

/** The way of one node to NATS or to the database is bad for a while. */
export async function badWay(rig: Rig, name: string, to: "nats" | "database", weather: "stall" | "silent" | "cut", forMs: number): Promise<void> {
  const way = rig.ways.get(name)![to];
  way.change(weather);
  await pause(forMs);
  way.change("pass");
  await rig.ready();
}

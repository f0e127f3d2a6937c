import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { FAULTS } from "./faults.ts";
import { startRig, type Rig } from "./rig.ts";
import { strike } from "./run.ts";

/* A few faults of each kind on every run of the tests; `npm run chaos` does them all. */

const SHORT = ["F04", "F15", "F24", "F36", "F45"];
const SEED = Number(process.env.CHAOS_SEED ?? 1);

describe(`a cluster under load keeps every promise (seed ${SEED})`, () => {
  let rig: Rig;
  beforeAll(async () => { rig = await startRig(); }, 120_000);
  afterAll(() => rig.stop(), 60_000);

  it.each(FAULTS.filter(({ id }) => SHORT.includes(id)))("$id $what", async (fault) => {
    const { broken, acknowledged } = await strike(rig, fault, SEED);
    expect(broken).toEqual([]);
    expect(acknowledged).toBeGreaterThan(0);
  }, 180_000);
});

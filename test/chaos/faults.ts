import { BUS_FAULTS } from "./buses.ts";
import { CACHE_FAULTS } from "./caches.ts";
import { CLOCK_FAULTS } from "./clocks.ts";
import { CROWD_FAULTS } from "./crowds.ts";
import { DATABASE_FAULTS } from "./databases.ts";
import { DEATHS } from "./deaths.ts";
import type { Fault } from "./fault.ts";

/** In the order of the design's table. */
export const FAULTS: readonly Fault[] = [...DEATHS, ...BUS_FAULTS, ...DATABASE_FAULTS, ...CLOCK_FAULTS, ...CROWD_FAULTS, ...CACHE_FAULTS].sort((a, b) => a.id.localeCompare(b.id));

import type { ErrorCatalogue } from "../../lib/errors.ts";

/** Reports refuse nothing but what every action can: `invalid_request` for a period or grouping that makes no sense, `not_found` for an unknown report or store. */
export const REPORT_ERRORS = {} as const satisfies ErrorCatalogue;

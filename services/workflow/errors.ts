import { refusals, type ErrorCatalogue } from "../../lib/errors.ts";

export const WORKFLOW_ERRORS = {
  store_required: { status: 422, title: "This import needs a store", remedy: "Name one with `storeId`." },
  invalid_mapping: { status: 422, title: "The mapping does not fit its type", remedy: "Name a column for each required field, and only fields of the type." },
} as const satisfies ErrorCatalogue;

export const refuse = refusals(WORKFLOW_ERRORS);

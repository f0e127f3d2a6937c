import { refusals, type ErrorCatalogue } from "../../lib/errors.ts";

export const ENTITY_ERRORS = {
  slug_taken: { status: 409, title: "The slug belongs to another tenant", remedy: "Choose another slug." },
  invalid_timezone: { status: 422, title: "There is no such time zone", remedy: "Send an IANA name, as in `Europe/Berlin`." },
  invalid_currency: { status: 422, title: "There is no such currency", remedy: "Send an ISO 4217 code, as in `EUR`." },
} as const satisfies ErrorCatalogue;

export const refuse = refusals(ENTITY_ERRORS);

import { PLATFORM_ERRORS, type ErrorCatalogue } from "../lib/errors.ts";
import { AUTH_ERRORS } from "./auth/errors.ts";
import { CATALOG_ERRORS } from "./catalog/errors.ts";
import { ENTITY_ERRORS } from "./entity/errors.ts";
import { ORDER_ERRORS } from "./order/errors.ts";
import { PAYMENT_ERRORS } from "./payment/errors.ts";
import { PURCHASING_ERRORS } from "./purchasing/errors.ts";
import { REPORT_ERRORS } from "./report/errors.ts";
import { WORKFLOW_ERRORS } from "./workflow/errors.ts";

/** Every code that a client can meet, of the platform and of each service: what docs, OpenAPI and the edge speak from. */
export const errorCatalogue: ErrorCatalogue = {
  ...PLATFORM_ERRORS, ...AUTH_ERRORS, ...ENTITY_ERRORS, ...CATALOG_ERRORS, ...ORDER_ERRORS, ...PAYMENT_ERRORS, ...PURCHASING_ERRORS, ...REPORT_ERRORS, ...WORKFLOW_ERRORS,
};

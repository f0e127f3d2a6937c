import { refusals, type ErrorCatalogue } from "../../lib/errors.ts";

export const AUTH_ERRORS = {
  invalid_credentials: { status: 401, title: "E-mail address and password do not match", remedy: "Check both; the answer is the same for an unknown address." },
  invalid_refresh_token: { status: 401, title: "The refresh token is not valid any more", remedy: "Log in again. A token that is used twice ends its session." },
  tenant_required: { status: 422, title: "The e-mail address belongs to several tenants", remedy: "Send `tenant` with the slug of the one to enter." },
  login_locked: { status: 429, title: "Too many failed log-ins for this e-mail address", remedy: "Wait for `Retry-After` seconds.", retryable: true },
  unknown_permission: { status: 422, title: "There is no such permission", remedy: "Choose from `GET /v1/permissions`, or a wildcard such as `catalog.*` or `*.read`." },
  built_in_role: { status: 409, title: "A built-in role cannot be changed in this way", remedy: "Create a role of your own with the permissions wanted." },
  last_owner: { status: 409, title: "The last owner cannot be removed", remedy: "Give the role `owner` to somebody else first." },
} as const satisfies ErrorCatalogue;

export const refuse = refusals(AUTH_ERRORS);

/** One row of an error catalogue: what a client sees and what it can do about it. */
export interface ErrorEntry {
  readonly status: number;
  readonly title: string;
  readonly remedy: string;
  /** The same request may succeed later: the answer carries `Retry-After`. */
  readonly retryable?: boolean;
}
export type ErrorCatalogue = Readonly<Record<string, ErrorEntry>>;

export interface FieldError { pointer: string; code: string; message: string }

/** The user's or the world's "no". Crosses the wire as `{type, code, data, retryable}`: compare `err.type`, never `instanceof`.
 *  `type` holds the stable code (`out_of_stock`), `code` the HTTP status, `data` what the client can act on. */
export class DomainError extends Error {
  readonly type: string;
  readonly code: number;
  readonly data: Record<string, unknown>;
  readonly retryable: boolean;
  constructor(type: string, code: number, detail: string, data: Record<string, unknown> = {}, retryable = false) {
    super(detail);
    this.name = "DomainError";
    this.type = type;
    this.code = code;
    this.data = data;
    this.retryable = retryable;
  }
}

export type Refusals<C extends ErrorCatalogue> = { readonly [K in keyof C]: (detail?: string, data?: Record<string, unknown>) => DomainError };

/** Turns a catalogue into constructors: `refuse.out_of_stock("Two variants are short", { lines })`. Without a detail the title is used. */
export function refusals<const C extends ErrorCatalogue>(catalogue: C): Refusals<C> {
  const make = (type: string, entry: ErrorEntry) => (detail?: string, data?: Record<string, unknown>) =>
    new DomainError(type, entry.status, detail ?? entry.title, data ?? {}, entry.retryable ?? false);
  return Object.fromEntries(Object.entries(catalogue).map(([type, entry]) => [type, make(type, entry)])) as Refusals<C>;
}

/** Errors that any action can answer with; each service adds its own in `errors.ts`. */
export const PLATFORM_ERRORS = {
  invalid_request: { status: 400, title: "The request is not valid", remedy: "Mend the fields that `errors` names and send it again." },
  malformed_json: { status: 400, title: "The body is not valid JSON", remedy: "Send one JSON value in UTF-8." },
  invalid_cursor: { status: 400, title: "The cursor is not one of this list", remedy: "Start the list again without `cursor`." },
  unauthenticated: { status: 401, title: "No valid credential", remedy: "Log in, or refresh the access token." },
  forbidden: { status: 403, title: "The permission is missing", remedy: "Ask an owner for a role that holds the permission named in `permission`." },
  not_found: { status: 404, title: "There is no such resource", remedy: "Check the id." },
  method_not_allowed: { status: 405, title: "The method is not allowed here", remedy: "Use one of the methods in `Allow`." },
  not_acceptable: { status: 406, title: "No representation that the client accepts", remedy: "Accept `application/json`." },
  request_timeout: { status: 408, title: "The request did not come to its end in time", remedy: "Send it again, in one go.", retryable: true },
  conflict: { status: 409, title: "The state of the resource does not allow this", remedy: "Read the resource and decide again." },
  already_exists: { status: 409, title: "There is one with this key already", remedy: "Choose another value for the field that `pointer` names." },
  id_conflict: { status: 409, title: "The id is in use for something else", remedy: "Make a new id." },
  idempotency_in_progress: { status: 409, title: "The first request with this key still runs", remedy: "Wait and send the same request again.", retryable: true },
  stale: { status: 412, title: "The resource has changed since it was read", remedy: "Read it again and repeat the change with its new ETag." },
  too_large: { status: 413, title: "The body is too large", remedy: "Send less at once." },
  unsupported_media_type: { status: 415, title: "The content type is not supported", remedy: "Send `application/json`." },
  idempotency_key_reused: { status: 422, title: "The key was used for another request", remedy: "Use a new key for a new request." },
  in_use: { status: 409, title: "Something still refers to this", remedy: "Remove or change what refers to it first." },
  headers_too_large: { status: 431, title: "The headers are too large", remedy: "Send less than 16 KiB of them." },
  rate_limited: { status: 429, title: "Too many requests", remedy: "Wait for `Retry-After` seconds.", retryable: true },
  internal: { status: 500, title: "Something went wrong on our side", remedy: "Report the `requestId`." },
  overloaded: { status: 503, title: "This edge has as many requests at work as it can", remedy: "Try again after `Retry-After` seconds, at another edge if there is one.", retryable: true },
  unavailable: { status: 503, title: "A part of the platform is away", remedy: "Try again after `Retry-After` seconds; with the same key nothing happens twice.", retryable: true },
} as const satisfies ErrorCatalogue;

export const refuse = refusals(PLATFORM_ERRORS);

/** The code of any error, ours or not: what to compare. */
export function typeOf(error: unknown): string | undefined {
  return typeof error === "object" && error !== null && "type" in error && typeof error.type === "string" ? error.type : undefined;
}

/** True for a refusal out of a catalogue, also when it came over the wire as a plain error. */
export function isRefusal(error: unknown): error is DomainError {
  return error instanceof Error && error.name === "DomainError" && typeof (error as { code?: unknown }).code === "number";
}

/** Our own bug, not the user's: never caught, answered as an opaque 500 and logged with the request id. */
export function invariant(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(`invariant broken: ${message}`);
}

import type { TSchema } from "typebox";

/** Who may call an action: anybody, any signed-in actor, another service only, the operator's console only, or the holder of a permission `service.resource.verb`. */
export type Access = "public" | "authenticated" | "internal" | "operator" | (string & {});

/** One action, written once: its types, its validator, its route and its OpenAPI operation all come from here. */
export interface ActionContract<P extends TSchema = TSchema, R extends TSchema = TSchema> {
  readonly summary: string;
  /** `"POST /v1/orders/:id/cancel"`; without it the action cannot be reached from outside. */
  readonly rest?: string;
  /** Success status: 201 for a create, 202 for a job, 204 without a body. Default 200. */
  readonly status?: 200 | 201 | 202 | 204;
  /** Path of the created resource with `:id` filled from the result. */
  readonly location?: string;
  /** Parameters that are read from the query string although the method has a body. */
  readonly query?: readonly string[];
  readonly permission: Access;
  readonly params: P;
  readonly result: R;
  /** Codes of the error catalogues that this action answers with, besides the ones any action can. */
  readonly errors?: readonly string[];
  /** Safe to run twice: may be retried by the broker. */
  readonly idempotent?: boolean;
  /** Longer than the others have (define-service.ts), for what looks at everything. */
  readonly timeoutMs?: number;
  /** The answer is a file: `{contentType, body}` with the body in base64 (`application/pdf`) or text. */
  readonly produces?: readonly string[];
  /** The body is not JSON: it is streamed to the action by the edge. */
  readonly consumes?: "text/csv";
  /** An example request body, shown in the OpenAPI document. */
  readonly example?: unknown;
}

/** What recomputes a tenant's books from their first entry. */
export const AUDIT_MS = 120_000;
/** One batch of an import: a job waits for it, no person does. */
export const BATCH_MS = 60_000;

/** Keeps the literal types of one action. */
export function action<const P extends TSchema, const R extends TSchema>(contract: ActionContract<P, R>): ActionContract<P, R> {
  return contract;
}

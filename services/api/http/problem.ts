import type { IncomingMessage, ServerResponse } from "node:http";
import { refuse, isRefusal, typeOf, type DomainError } from "../../../lib/errors.ts";
import { DRAIN_MAX_BYTES } from "./body.ts";
import { errorCatalogue } from "../../error-catalogue.ts";

/** Moleculer's own failures that mean "not now": the callee is away, overloaded or slow. */
const AWAY = new Set([
  "SERVICE_NOT_FOUND", "SERVICE_NOT_AVAILABLE", "REQUEST_TIMEOUT", "REQUEST_SKIPPED", "REQUEST_REJECTED", "QUEUE_FULL", "MAX_PAYLOAD_EXCEEDED", "CIRCUIT_BREAKER_OPENED", "BROKER_DISCONNECTED", "GRACEFUL_STOP_TIMEOUT",
]);
const AWAY_NAMES = new Set(["ServiceNotFoundError", "ServiceNotAvailableError", "ServiceUnavailableError", "RequestTimeoutError", "RequestSkippedError", "RequestRejectedError", "QueueIsFullError", "BrokerDisconnectedError", "GracefulStopTimeoutError"]);
/** For the log and for us; a client has nothing to do with them. */
const PRIVATE_DATA = new Set(["replayed", "constraint", "reason", "sagaId", "allow", "type", "title", "status", "detail", "code", "requestId", "stack"]);
const RETRY_AFTER_S = 1;

export interface Problem { readonly type: string; readonly title: string; readonly status: number; readonly detail: string; readonly code: string; readonly requestId: string; readonly [member: string]: unknown }

/** Any error as the client may know it: a refusal as itself, a callee that is away as 503, everything else as an opaque 500. */
export function refusalOf(error: unknown): DomainError {
  if (isRefusal(error) && error.code >= 400 && error.code <= 599) return error;
  if (AWAY.has(typeOf(error) ?? "") || AWAY_NAMES.has((error as Error | undefined)?.name ?? "")) return refuse.unavailable();
  return refuse.internal();
}

/** RFC 9457. */
export function problemOf(refusal: DomainError, requestId: string): Problem {
  const entry = errorCatalogue[refusal.type];
  const errors = refusal.data.errors ?? (typeof refusal.data.pointer === "string" ? [{ pointer: refusal.data.pointer, code: refusal.type, message: refusal.message }] : undefined);
  // A refusal that is repeated for its key is the first answer byte for byte, with the id of the request that was refused; the header has this one's.
  const about = refusal.data.replayed === true && typeof refusal.data.requestId === "string" ? refusal.data.requestId : requestId;
  return {
    type: `/docs/errors#${refusal.type}`, title: entry?.title ?? refusal.message, status: refusal.code, detail: refusal.message, code: refusal.type, requestId: about,
    ...(errors ? { errors } : {}),
    ...Object.fromEntries(Object.entries(refusal.data).filter(([name]) => name !== "errors" && !PRIVATE_DATA.has(name))),
  };
}

/** Answers with the problem and the headers that belong to its status. */
export function sendProblem(req: IncomingMessage, res: ServerResponse, refusal: DomainError, requestId: string): void {
  const body = Buffer.from(JSON.stringify(problemOf(refusal, requestId)));
  const { data } = refusal;
  if (refusal.code === 401) res.setHeader("WWW-Authenticate", req.headers.authorization === undefined ? 'Bearer realm="beaveros"' : 'Bearer realm="beaveros", error="invalid_token"');
  if (refusal.code === 405 && Array.isArray(data.allow)) res.setHeader("Allow", data.allow.join(", "));
  if (refusal.code === 429 || refusal.code === 503 || refusal.retryable) res.setHeader("Retry-After", String(retryAfter(data)));
  if (data.replayed === true) res.setHeader("Idempotent-Replayed", "true");
  // A refused upload is read to its end, so that the client gets to see the answer; one that may never end is cut off.
  if (!req.complete && (req.headers["transfer-encoding"] !== undefined || Number(req.headers["content-length"]) > DRAIN_MAX_BYTES)) res.setHeader("Connection", "close");
  res.writeHead(refusal.code, { "Content-Type": "application/problem+json; charset=utf-8", "Content-Length": body.length, "Cache-Control": "no-store" });
  res.end(req.method === "HEAD" ? undefined : body);
}

function retryAfter(data: Record<string, unknown>): number {
  const given = data.retryAfter ?? data.retryAfterSeconds;
  return typeof given === "number" && given > 0 ? Math.ceil(given) : RETRY_AFTER_S;
}

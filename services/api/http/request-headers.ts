import type { IncomingMessage } from "node:http";
import { refuse } from "../../../lib/errors.ts";
import { newId } from "../../../lib/ids.ts";

const REQUEST_ID = /^[A-Za-z0-9_-]{8,64}$/;
const TRACEPARENT = /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;
const IDEMPOTENCY_KEY = /^[\x21-\x7e]{1,255}$/;
/** A version is an int in the database: one beyond all of them is as stale as any other. */
const VERSION_MAX = 2 ** 31 - 1;
const ETAG = /^"(\d{1,15})"$/;

/** The client's own request id where it is sane (it ends in logs and headers), else a new one. */
export function requestIdOf(req: IncomingMessage): string {
  const given = req.headers["x-request-id"];
  return typeof given === "string" && REQUEST_ID.test(given) ? given : newId();
}

export function traceparentOf(req: IncomingMessage): string | undefined {
  const given = req.headers.traceparent;
  return typeof given === "string" && TRACEPARENT.test(given) ? given : undefined;
}

/** @throws invalid_request when it is not 1 to 255 visible ASCII characters */
export function idempotencyKeyOf(req: IncomingMessage): string | undefined {
  const key = req.headers["idempotency-key"];
  if (key === undefined) return undefined;
  if (typeof key === "string" && IDEMPOTENCY_KEY.test(key)) return key;
  throw badHeader("Idempotency-Key", "must be 1 to 255 visible ASCII characters");
}

/** The version that the client wants to change; undefined when any will do. @throws invalid_request for what is no ETag of ours */
export function ifMatchOf(req: IncomingMessage): number | undefined {
  const tag = req.headers["if-match"];
  if (tag === undefined || tag.trim() === "*") return undefined;
  const version = ETAG.exec(tag.trim())?.[1];
  if (version === undefined) throw badHeader("If-Match", 'must be an ETag that the resource was answered with, such as "3", or *');
  return Math.min(Number(version), VERSION_MAX);
}

/** True when `If-None-Match` names this ETag: weak comparison, as RFC 9110 wants it for a GET. */
export function isFresh(req: IncomingMessage, etag: string): boolean {
  const tags = req.headers["if-none-match"];
  return tags !== undefined && (tags.trim() === "*" || tags.split(",").some((tag) => tag.trim().replace(/^W\//, "") === etag));
}

/** @throws not_acceptable (406) when the client takes none of these media types */
export function requireAcceptable(req: IncomingMessage, produced: readonly string[]): void {
  const accept = req.headers.accept;
  if (accept === undefined || accept === "*/*" || accept === "application/json") return;
  const ranges = accept.split(",").map((range) => range.trim().toLowerCase()).filter((range) => !/;\s*q=0(\.0*)?\s*(;|$)/.test(range)).map((range) => range.split(";")[0]!.trim());
  const takes = (type: string) => ranges.some((range) => range === "*/*" || range === type || (range.endsWith("/*") && type.startsWith(range.slice(0, -1))));
  if (!produced.some(takes)) throw refuse.not_acceptable(`This answers with ${produced.join(" or ")}`);
}

/** Media type and charset of the body, in lower case. */
export function contentTypeOf(req: IncomingMessage): { type: string; charset: string | undefined } {
  const [type = "", ...parameters] = (req.headers["content-type"] ?? "").split(";").map((part) => part.trim().toLowerCase());
  const charset = parameters.find((parameter) => parameter.startsWith("charset="))?.slice(8).replaceAll('"', "");
  return { type, charset };
}

/** @throws unsupported_media_type (415): a small compressed body can be a large one */
export function requireUncompressed(req: IncomingMessage): void {
  const encoding = req.headers["content-encoding"];
  if (encoding !== undefined && encoding !== "identity") throw refuse.unsupported_media_type("Send the body without Content-Encoding");
}

const badHeader = (name: string, message: string) => refuse.invalid_request(`${name}: ${message}`, { errors: [{ pointer: "", code: "invalid_header", message: `${name} ${message}` }] });

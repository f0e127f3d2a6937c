import { isUtf8 } from "node:buffer";
import type { IncomingMessage } from "node:http";
import { refuse, type FieldError } from "../../../lib/errors.ts";
import { contentTypeOf, requireUncompressed } from "./request-headers.ts";

/** Of a JSON body. Twice as much would let a few clients hold the memory of a node. */
export const BODY_MAX_BYTES = 1024 * 1024;
/** What is read and thrown away after the limit, so that the client gets to read the 413 instead of a reset. */
export const DRAIN_MAX_BYTES = 64 * 1024 * 1024;
const DEPTH_MAX = 32;
/** The largest request that makes sense has a tenth of it; each value costs time to check, and all others wait meanwhile. */
const VALUES_MAX = 50_000;
const JSON_TYPES: Readonly<Record<string, readonly string[]>> = { PATCH: ["application/json", "application/merge-patch+json"] };
const FORBIDDEN_KEYS = new Set(["__proto__", "constructor", "prototype"]);

export const hasBody = (req: IncomingMessage): boolean => req.headers["transfer-encoding"] !== undefined || Number(req.headers["content-length"] ?? 0) > 0;

/** The JSON object in the body; `{}` when there is no body.
 *  @throws unsupported_media_type, too_large, malformed_json, invalid_request */
export async function readJsonBody(req: IncomingMessage): Promise<Record<string, unknown>> {
  if (!hasBody(req)) return {};
  requireJson(req);
  const bytes = await readBytes(req, BODY_MAX_BYTES);
  return bytes.length ? parseObject(bytes) : {};
}

function requireJson(req: IncomingMessage): void {
  const { type, charset } = contentTypeOf(req);
  const allowed = JSON_TYPES[req.method!] ?? ["application/json"];
  if (!allowed.includes(type) || (charset !== undefined && charset !== "utf-8" && charset !== "utf8")) throw refuse.unsupported_media_type(`Send ${allowed.join(" or ")} in UTF-8`);
  requireUncompressed(req);
}

/** @throws too_large (413) above `limit` */
export function readBytes(req: IncomingMessage, limit: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    req.on("data", (chunk: Buffer) => {
      size += chunk.length;
      if (size <= limit) chunks.push(chunk);
      else chunks.length = 0;
      if (size > DRAIN_MAX_BYTES) reject(refuse.too_large(`At most ${limit} bytes`));
    });
    req.on("end", () => { if (size > limit) reject(refuse.too_large(`At most ${limit} bytes`)); else resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)); });
    const brokenOff = () => { if (!req.readableEnded) reject(refuse.invalid_request("The body broke off")); };
    req.on("error", brokenOff);
    req.on("close", brokenOff);
  });
}

/** @throws malformed_json, invalid_request */
export function parseObject(bytes: Buffer): Record<string, unknown> {
  if (!isUtf8(bytes)) throw refuse.malformed_json("The body is not UTF-8");
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString("utf8"));
  } catch {
    throw refuse.malformed_json();
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw invalid("", "wrong_type", "must be a JSON object");
  inspect(value, "", { depth: 1, seen: { values: 0 } });
  return value as Record<string, unknown>;
}

interface Where { readonly depth: number; readonly seen: { values: number } }

/** Refuses what no schema can be trusted to stop: keys that reach the prototype, NUL and lone surrogates (PostgreSQL stores neither), infinities, depth, sheer number. */
function inspect(value: unknown, pointer: string, { depth, seen }: Where): void {
  if (++seen.values > VALUES_MAX) throw invalid("", "too_many", `must not hold more than ${VALUES_MAX} values`);
  if (typeof value === "string") return inspectText(value, pointer);
  if (typeof value === "number" && !Number.isFinite(value)) throw invalid(pointer, "too_large", "is too large a number");
  if (typeof value !== "object" || value === null) return;
  if (depth > DEPTH_MAX) throw invalid("", "too_deep", `must not nest deeper than ${DEPTH_MAX}`);
  const inner: Where = { depth: depth + 1, seen };
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index++) inspect(value[index], `${pointer}/${index}`, inner);
    return;
  }
  for (const key of Object.keys(value)) {
    if (FORBIDDEN_KEYS.has(key)) throw invalid(`${pointer}/${key}`, "unknown_field", "there is no such field");
    inspectText(key, pointer);
    inspect((value as Record<string, unknown>)[key], `${pointer}/${key}`, inner);
  }
}

/** @throws invalid_request for NUL and lone surrogates */
export function inspectText(text: string, pointer: string): void {
  if (text.includes("\0") || !text.isWellFormed()) throw invalid(pointer, "invalid_text", "holds a character that cannot be stored");
}

export function invalid(pointer: string, code: string, message: string): Error {
  const errors: FieldError[] = [{ pointer, code, message }];
  return refuse.invalid_request(`${pointer || "the body"}: ${message}`, { errors });
}

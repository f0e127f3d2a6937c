import { createHash } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { ServiceBroker } from "moleculer";
import { refuse } from "../../../lib/errors.ts";
import type { IdempotencyClaim, Meta } from "../../../mixins/call.ts";
import { requestHash } from "../../../mixins/idempotency.ts";
import { contentTypeOf, requireUncompressed } from "../http/request-headers.ts";

export const IMPORT_MAX_BYTES = 64 * 1024 * 1024;
/** Characters of one piece: small enough for the bus, large enough that 64 MiB are 256 calls. */
const PIECE_CHARACTERS = 256 * 1024;

type Call = (action: string, params: unknown, idempotency?: IdempotencyClaim) => Promise<{ result: unknown; meta: Meta }>;
interface Upload { broker: ServiceBroker; req: IncomingMessage; params: Record<string, unknown>; key: string | undefined; action: string; call: Call }

/** Streams a CSV body to the workflow service piece by piece: the next is read when the last is stored, so a fast client cannot fill our memory.
 *  Each request brings a file of its own; the key is held against it when it is complete, and only then there is an import to see.
 *  @throws unsupported_media_type, too_large, invalid_request, and what the actions refuse: nothing is left then */
export async function receiveImport({ broker, req, params, key, action, call }: Upload): Promise<{ result: unknown; meta: Meta }> {
  requireCsv(req);
  const importId = ((await call(action, params)).result as { id: string }).id;
  let started = false;
  try {
    const sha256 = await storePieces(req, (index, text) => call("workflow.appendImportChunk", { importId, index, text }));
    const claim = key === undefined ? undefined : { key, hash: requestHash(broker, action, { ...params, sha256 }) };
    const answer = await call("workflow.startImport", { importId, sha256 }, claim);
    started = answer.meta.replayed !== true;
    return answer;
  } finally {
    // What cannot be thrown away now is swept up within a day.
    if (!started) await call("workflow.dropImport", { importId }).catch(() => undefined);
  }
}

function requireCsv(req: IncomingMessage): void {
  const { type, charset } = contentTypeOf(req);
  if (type !== "text/csv" || (charset !== undefined && charset !== "utf-8" && charset !== "utf8")) throw refuse.unsupported_media_type("Send text/csv in UTF-8");
  requireUncompressed(req);
  if (Number(req.headers["content-length"] ?? 0) > IMPORT_MAX_BYTES) throw refuse.too_large(`At most ${IMPORT_MAX_BYTES} bytes`);
}

/** @returns SHA-256 of the bytes, in hex */
async function storePieces(req: IncomingMessage, append: (index: number, text: string) => Promise<unknown>): Promise<string> {
  const hash = createHash("sha256");
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let index = 0, size = 0, piece = "";
  const flush = async () => {
    if (piece) await append(index++, piece);
    piece = "";
  };
  for await (const chunk of bytesOf(req)) {
    size += chunk.length;
    if (size > IMPORT_MAX_BYTES) throw refuse.too_large(`At most ${IMPORT_MAX_BYTES} bytes`);
    hash.update(chunk);
    const text = decode(decoder, chunk);
    if (piece.length + text.length > PIECE_CHARACTERS) await flush();
    piece += text;
  }
  piece += decode(decoder);
  await flush();
  if (size === 0) throw refuse.invalid_request("The body is empty: send the CSV file");
  return hash.digest("hex");
}

/** @throws invalid_request when the client goes away */
async function* bytesOf(req: IncomingMessage): AsyncIterable<Buffer> {
  try {
    yield* req.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>;
  } catch {
    throw refuse.invalid_request("The body broke off");
  }
  if (!req.complete) throw refuse.invalid_request("The body broke off");
}

function decode(decoder: InstanceType<typeof TextDecoder>, chunk?: Buffer): string {
  let text: string;
  try {
    text = chunk ? decoder.decode(chunk, { stream: true }) : decoder.decode();
  } catch {
    throw refuse.invalid_request("The file is not UTF-8");
  }
  if (text.includes("\0")) throw refuse.invalid_request("The file holds NUL characters");
  return text;
}

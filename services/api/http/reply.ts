import type { IncomingMessage, ServerResponse } from "node:http";
import type { JsonText } from "../../../mixins/cursor.ts";
import type { Route } from "../routes.ts";
import { isFresh } from "./request-headers.ts";

interface File { contentType: string; filename: string; body: string; encoding: "utf8" | "base64" }
/** What an action says about its answer beside the answer: `replayed`, and 200 instead of 201 when it was there already. */
export interface ReplyMeta { replayed?: boolean | undefined; $statusCode?: unknown }

/** Sends what the action answered, with the status and headers that its contract promises. */
export function sendReply(req: IncomingMessage, res: ServerResponse, route: Route, result: unknown, meta: ReplyMeta): void {
  const { contract } = route;
  if (meta.replayed) res.setHeader("Idempotent-Replayed", "true");
  if (contract.produces && isFile(result)) return sendFile(req, res, result);
  const status = meta.$statusCode === 200 ? 200 : contract.status ?? 200;
  if (status === 204) {
    res.writeHead(204, { "Cache-Control": "no-store" });
    res.end();
    return;
  }
  const { id, version } = (result ?? {}) as { id?: unknown; version?: unknown };
  if (typeof version === "number" && Number.isInteger(version)) {
    const etag = `"${version}"`;
    res.setHeader("ETag", etag);
    if (route.method === "GET" && isFresh(req, etag)) {
      res.writeHead(304);
      res.end();
      return;
    }
  }
  if (contract.location && typeof id === "string") res.setHeader("Location", contract.location.replace(":id", id));
  const body = Buffer.from(textOf(result));
  res.writeHead(status, { "Content-Type": "application/json; charset=utf-8", "Content-Length": body.length, "Cache-Control": route.method === "GET" ? "private, no-cache" : "no-store" });
  res.end(req.method === "HEAD" ? undefined : body);
}

/** A list that comes as text is passed on as it is: parsing it to write it again would be most of its cost. */
const textOf = (result: unknown): string => (result as Partial<JsonText> | null | undefined)?.jsonText ?? JSON.stringify(result ?? null);

const isFile = (result: unknown): result is File =>
  typeof result === "object" && result !== null && "contentType" in result && "filename" in result && "encoding" in result && typeof (result as File).body === "string";

function sendFile(req: IncomingMessage, res: ServerResponse, file: File): void {
  const body = Buffer.from(file.body, file.encoding);
  const name = file.filename.replaceAll(/[^A-Za-z0-9._-]/g, "_");
  const text = /^text\/|csv/.test(file.contentType) && !file.contentType.includes("charset");
  res.writeHead(200, { "Content-Type": text ? `${file.contentType}; charset=utf-8` : file.contentType, "Content-Length": body.length, "Content-Disposition": `inline; filename="${name}"`, "Cache-Control": "private, no-cache" });
  res.end(req.method === "HEAD" ? undefined : body);
}

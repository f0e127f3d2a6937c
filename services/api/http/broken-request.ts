import type { Duplex } from "node:stream";
import { STATUS_CODES } from "node:http";
import { refuse, type DomainError } from "../../../lib/errors.ts";
import { newId } from "../../../lib/ids.ts";
import { FIXED_HEADERS } from "./fixed-headers.ts";
import { problemOf } from "./problem.ts";

/** By node's own code. What is not in here is not HTTP. */
const MEANT: Readonly<Record<string, () => DomainError>> = {
  HPE_HEADER_OVERFLOW: () => refuse.headers_too_large(),
  HPE_CHUNK_EXTENSIONS_OVERFLOW: () => refuse.headers_too_large(),
  ERR_HTTP_REQUEST_TIMEOUT: () => refuse.request_timeout(),
};

/** Answers what node's parser gave up on. It never became a request: there is no route, no budget and no response, only the connection, which ends. */
export function answerBroken(error: NodeJS.ErrnoException, socket: Duplex): void {
  const isAnswered = (socket as { _httpMessage?: { headersSent?: boolean } })._httpMessage?.headersSent;
  if (error.code === "ECONNRESET" || isAnswered || !socket.writable) return void socket.destroy();
  endWith(socket, (MEANT[error.code ?? ""] ?? (() => refuse.invalid_request("This is not a request of HTTP/1.1")))());
}

/** The last thing that a connection hears. */
export function endWith(socket: Duplex, refusal: DomainError, headers: readonly (readonly [string, string])[] = []): void {
  const requestId = newId(), body = JSON.stringify(problemOf(refusal, requestId));
  const all = [["Content-Type", "application/problem+json; charset=utf-8"], ["Content-Length", String(Buffer.byteLength(body))], ["Cache-Control", "no-store"], ["X-Request-Id", requestId], ["Connection", "close"], ...FIXED_HEADERS, ...headers];
  socket.end(`HTTP/1.1 ${refusal.code} ${STATUS_CODES[refusal.code]}\r\n${all.map(([name, value]) => `${name}: ${value}\r\n`).join("")}\r\n${body}`);
}

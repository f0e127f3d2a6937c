import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { refuse } from "../../lib/errors.ts";
import { platformOf } from "../../node/platform.ts";
import { readinessOf } from "../../node/readiness.ts";
import type { Gateway } from "./gateway.ts";
import { answerBroken, endWith } from "./http/broken-request.ts";

/** Longer than a load balancer keeps an idle connection, or it would send a request into one that we just closed. */
const KEEP_ALIVE_MS = 65_000;
/** Nobody needs as long for 16 KiB; who sends a byte now and then to hold the connection is cut off. */
const HEADERS_MS = 10_000;
/** 64 MiB over a slow line. */
const REQUEST_MS = 300_000;
/** How often node looks for those who took longer. */
const LOOK_MS = 2_000;
/** After a stop has begun: long enough to tell whoever keeps asking on an open connection to go elsewhere, and for a balancer to see that this node is not ready. */
const GRACE_MS = 1_000;
/** A connection that never asks anything again does not hold up a stop. */
const CLOSE_AFTER_MS = 5_000;

export function openServer(gateway: Gateway): void {
  gateway.draining = false;
  gateway.underWay = new Set();
  const answer = (req: IncomingMessage, res: ServerResponse) => void gateway.httpHandler(req, res);
  // A missing Host is refused like everything else, by `handle`; node's own refusal has no body.
  gateway.server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS, headersTimeout: HEADERS_MS, requestTimeout: REQUEST_MS, connectionsCheckingInterval: LOOK_MS, requireHostHeader: false }, answer);
  gateway.server.on("checkExpectation", answer);
  gateway.server.on("clientError", answerBroken);
  gateway.server.on("connect", (_, socket) => endWith(socket, refuse.method_not_allowed("This is no proxy"), [["Allow", "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"]]));
  readinessOf(gateway.broker).onDrain(() => drain(gateway));
}

/** @throws the listen error, with its code, so that the start can say in one sentence what to do */
export function listen(gateway: Gateway): Promise<void> {
  const { host, port } = platformOf(gateway.broker).environment;
  return new Promise((resolve, reject) => {
    gateway.server.once("error", reject);
    gateway.server.listen(port, host, () => { gateway.server.off("error", reject); resolve(); });
  });
}

/** Follows an answer to its end. Whoever is answered while the node stops is told that this connection ends. @returns what to call then */
export function follow(gateway: Gateway, res: ServerResponse): () => void {
  res.shouldKeepAlive &&= !gateway.draining;
  gateway.underWay.add(res);
  return () => { gateway.underWay.delete(res); };
}

/** A stop begins. Services wait for their calls before they stop, and the calls would never end while clients go on asking. */
function drain(gateway: Gateway): void {
  gateway.draining = true;
  for (const res of gateway.underWay) res.shouldKeepAlive = false;
  if (gateway.server.listening) setTimeout(() => gateway.server.close(), GRACE_MS).unref();
}

/** No service waits for a call any more: what is still open is answered in a moment, or by nobody. */
export async function close(gateway: Gateway): Promise<void> {
  const { server } = gateway;
  drain(gateway);
  await new Promise<void>((resolve) => {
    const cut = setTimeout(() => server.closeAllConnections(), CLOSE_AFTER_MS);
    server.close(() => { clearTimeout(cut); resolve(); });
    server.closeIdleConnections();
  });
  gateway.edge.close();
}

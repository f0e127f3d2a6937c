import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { ServiceBroker } from "moleculer";
import { MetricsPage } from "./metrics/look.ts";
import { platformOf } from "./platform.ts";
import { readinessOf, type Obstacle } from "./readiness.ts";

export interface OperationsPort {
  readonly port: number;
  /** From now on these are answered. */
  show(pages: Pages): void;
  close(): Promise<void>;
}
interface Answer { readonly status: number; readonly type: string; readonly body: string }
export type Pages = Readonly<Record<string, () => Promise<Answer>>>;

/** For operators and never for clients: /health/* of a node, and /metrics where it counts. No credential, so it belongs on an inner network.
 *  @throws the listen error, with its code */
export async function openOperationsPort(host: string, port: number, first: Pages): Promise<OperationsPort> {
  let pages = first;
  const server = createServer({ keepAliveTimeout: 5_000, requestTimeout: 10_000 }, (req, res) => void answer(pages, req, res));
  await new Promise<void>((listening, failed) => {
    server.once("error", failed);
    server.listen(port, host, () => { server.off("error", failed); listening(); });
  });
  return {
    port: (server.address() as AddressInfo).port,
    show: (next) => { pages = next; },
    close: () => new Promise((closed) => { server.close(() => closed()); server.closeAllConnections(); }),
  };
}

// That it answers at all is the answer: the event loop turns.
const LIVE: Pages = { "/health/live": () => Promise.resolve(json(200, { status: "up" })) };

/** Of a node that is not there yet: alive, and not ready for the reason given. */
export function pagesWhile(obstacle: () => Obstacle): Pages {
  return {
    ...LIVE,
    "/health/startup": () => Promise.resolve(verdict("started", obstacle())),
    "/health/ready": () => Promise.resolve(verdict("ready", obstacle())),
    "/metrics": () => Promise.resolve(verdict("started", obstacle())),
  };
}

/** Of a node whose services run, or are being started. */
export function pagesOf(broker: ServiceBroker): Pages {
  const { metrics } = platformOf(broker);
  const readiness = readinessOf(broker);
  const page = metrics && new MetricsPage(broker, metrics);
  return {
    ...LIVE,
    "/health/startup": async () => verdict("started", await readiness.whyNotStarted()),
    "/health/ready": async () => verdict("ready", await readiness.whyNotReady()),
    ...(page ? { "/metrics": async () => ({ status: 200, type: page.contentType, body: await page.text() }) } : {}),
  };
}

const json = (status: number, body: object): Answer => ({ status, type: "application/json; charset=utf-8", body: JSON.stringify(body) });

const verdict = (status: string, obstacle: Obstacle | undefined): Answer => (obstacle ? json(503, { status: `not ${status}`, ...obstacle }) : json(200, { status }));

async function answer(pages: Pages, req: IncomingMessage, res: ServerResponse): Promise<void> {
  const { status, type, body } = await answerTo(pages, req);
  res.writeHead(status, { "Content-Type": type, "Content-Length": Buffer.byteLength(body), "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", ...(status === 503 ? { "Retry-After": "1" } : {}) });
  res.end(req.method === "HEAD" ? undefined : body);
}

async function answerTo(pages: Pages, { method, url }: IncomingMessage): Promise<Answer> {
  const path = url!.split("?", 1)[0]!;
  const page = Object.hasOwn(pages, path) ? pages[path] : undefined;
  if (!page) return json(404, { status: "not found" });
  if (method !== "GET" && method !== "HEAD") return json(405, { status: "method not allowed" });
  return page();
}

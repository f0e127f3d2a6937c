import type { IncomingMessage, ServerResponse } from "node:http";
import type { ServiceBroker } from "moleculer";
import { platformOf } from "../../node/platform.ts";
import { DOCS_PATHS, sendDocs } from "./docs/pages.ts";
import { requireReady, requireStarted } from "./health.ts";
import { openApiDocument } from "./openapi/document.ts";

/** A route that is no action: it belongs to the node and takes no credential. */
export interface Page { readonly path: string; readonly limited: boolean; send(req: IncomingMessage, res: ServerResponse): Promise<void> | void }

export function pagesOf(broker: ServiceBroker): Page[] {
  let openApi: Buffer | undefined;
  const document = () => (openApi ??= Buffer.from(JSON.stringify(openApiDocument(platformOf(broker).contracts))));
  return [
    { path: "/health/live", limited: false, send: (_, res) => sendJson(res, UP) },
    { path: "/health/ready", limited: false, send: async (_, res) => { await requireReady(broker); sendJson(res, READY); } },
    { path: "/health/startup", limited: false, send: async (_, res) => { await requireStarted(broker); sendJson(res, STARTED); } },
    { path: "/openapi.json", limited: true, send: (_, res) => sendJson(res, document()) },
    ...DOCS_PATHS.map((name): Page => ({ path: name ? `/docs/${name}` : "/docs", limited: true, send: (_, res) => sendDocs(res, name) })),
  ];
}

const UP = Buffer.from('{"status":"up"}'), READY = Buffer.from('{"status":"ready"}'), STARTED = Buffer.from('{"status":"started"}');

function sendJson(res: ServerResponse, body: Buffer): void {
  res.writeHead(200, { "Content-Type": "application/json; charset=utf-8", "Content-Length": body.length, "Cache-Control": "no-cache" });
  res.end(body);
}

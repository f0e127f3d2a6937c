import { createReadStream, statSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { ServerResponse } from "node:http";
import { refuse } from "../../../lib/errors.ts";
import { errorCatalogue } from "../../error-catalogue.ts";
import { DOCS_CSP } from "../http/fixed-headers.ts";

const swaggerUi = dirname(createRequire(import.meta.url).resolve("swagger-ui-dist/package.json"));
/** Files of the Swagger UI package that the page needs, from our own disk: no network. */
const FILES: Readonly<Record<string, string>> = { "swagger-ui.css": "text/css; charset=utf-8", "swagger-ui-bundle.js": "text/javascript; charset=utf-8", "favicon-32x32.png": "image/png" };

const INDEX = `<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <title>BeaverOS: the REST API</title>
  <link rel="icon" type="image/png" href="/docs/favicon-32x32.png">
  <link rel="stylesheet" href="/docs/swagger-ui.css">
</head>
<body>
  <div id="ui"></div>
  <script src="/docs/swagger-ui-bundle.js"></script>
  <script src="/docs/start.js"></script>
</body>
</html>
`;
const START = `SwaggerUIBundle({ url: "/openapi.json", dom_id: "#ui", deepLinking: true, docExpansion: "none", validatorUrl: null, persistAuthorization: true, presets: [SwaggerUIBundle.presets.apis] });
`;

const escape = (text: string) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
const errorRow = ([code, entry]: [string, (typeof errorCatalogue)[string]]) =>
  `    <tr id="${code}"><td><code>${code}</code></td><td>${entry.status}</td><td>${escape(entry.title)}</td><td>${escape(entry.remedy)}</td><td>${entry.retryable ? "yes" : ""}</td></tr>`;

/** The catalogue of errors as a page: where the `type` of every problem points. */
export function errorsPage(): string {
  const rows = Object.entries(errorCatalogue).sort(([a], [b]) => a.localeCompare(b)).map(errorRow);
  return `<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <title>BeaverOS: errors</title>
  <style>body{font:16px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:70rem;padding:0 1rem}table{border-collapse:collapse;width:100%}td,th{border-bottom:1px solid #ccc;padding:.4rem .6rem;text-align:left;vertical-align:top}tr:target{background:#fff3c4}</style>
</head>
<body>
  <h1>Errors</h1>
  <p>Every refusal is <code>application/problem+json</code> (RFC 9457). Its <code>code</code> is one of these, and stays the same. The <a href="/docs">API documentation</a> says which call answers which.</p>
  <table>
    <tr><th>code</th><th>status</th><th>meaning</th><th>what to do</th><th>worth a retry</th></tr>
${rows.join("\n")}
  </table>
</body>
</html>
`;
}

/** @param name below /docs: "" is the page itself. @throws not_found */
export function sendDocs(res: ServerResponse, name: string): void {
  res.setHeader("Content-Security-Policy", DOCS_CSP);
  if (name === "") return sendText(res, "text/html; charset=utf-8", INDEX);
  if (name === "start.js") return sendText(res, "text/javascript; charset=utf-8", START);
  if (name === "errors") return sendText(res, "text/html; charset=utf-8", errorsPage());
  const type = FILES[name];
  if (!type) throw refuse.not_found();
  const file = join(swaggerUi, name);
  res.writeHead(200, { "Content-Type": type, "Content-Length": statSync(file).size, "Cache-Control": "public, max-age=3600" });
  createReadStream(file).on("error", () => res.destroy()).pipe(res);
}

function sendText(res: ServerResponse, type: string, text: string): void {
  const body = Buffer.from(text);
  res.writeHead(200, { "Content-Type": type, "Content-Length": body.length, "Cache-Control": "no-cache" });
  res.end(body);
}

export const DOCS_PATHS: readonly string[] = ["", "start.js", "errors", ...Object.keys(FILES)];

import type { IncomingMessage, ServerResponse } from "node:http";
import helmet from "helmet";

type Middleware = (req: IncomingMessage, res: ServerResponse, next: () => void) => void;

/* Helmet's headers are the same for every answer: taken down once, because running its fifteen middlewares for each request costs more than the rest of the edge. */
function recorded(middleware: Middleware): [string, string][] {
  const headers: [string, string][] = [];
  const recorder = { setHeader: (name: string, value: string) => { headers.push([name, value]); }, removeHeader: () => undefined } as unknown as ServerResponse;
  middleware({ headers: {} } as IncomingMessage, recorder, () => undefined);
  return headers;
}

const strict = { defaultSrc: ["'none'"], frameAncestors: ["'none'"] };
/** Of every answer. */
export const FIXED_HEADERS: readonly [string, string][] = recorded(helmet({ contentSecurityPolicy: { useDefaults: false, directives: strict } }) as unknown as Middleware);
/** Of the documentation pages, which bring their own script and style and nothing from elsewhere. */
export const DOCS_CSP = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const EXPOSED = "ETag, Location, X-Request-Id, Retry-After, RateLimit, RateLimit-Policy, Idempotent-Replayed, Content-Disposition, WWW-Authenticate";

/** A credential is a header that no browser sends by itself, so any origin may ask; without `Origin` nothing is said. */
export function allowOrigin(req: IncomingMessage, res: ServerResponse): void {
  if (req.headers.origin === undefined) return;
  res.setHeader("Access-Control-Allow-Origin", "*");
  res.setHeader("Access-Control-Expose-Headers", EXPOSED);
}

/** Answers OPTIONS from the route table alone: moleculer-web would resolve (and run) the action that a preflight asks about. */
export function sendOptions(req: IncomingMessage, res: ServerResponse, methods: readonly string[]): void {
  if (req.headers.origin !== undefined && req.headers["access-control-request-method"] !== undefined) {
    res.setHeader("Access-Control-Allow-Methods", methods.join(", "));
    res.setHeader("Access-Control-Allow-Headers", "Authorization, Content-Type, Accept, Idempotency-Key, If-Match, If-None-Match, X-Request-Id, traceparent");
    res.setHeader("Access-Control-Max-Age", "600");
  }
  res.writeHead(204, { Allow: methods.join(", ") });
  res.end();
}

import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Span } from "@opentelemetry/api";
import type { Context, Service } from "moleculer";
import { isRefusal, refuse } from "../../lib/errors.ts";
import type { Meta } from "../../mixins/call.ts";
import { stackOf } from "../../node/log/reason.ts";
import { currentScope, inScope, newTraceparent } from "../../node/log/scope.ts";
import { platformOf } from "../../node/platform.ts";
import { Edge } from "./edge.ts";
import { allowOrigin, FIXED_HEADERS, sendOptions } from "./http/fixed-headers.ts";
import { refusalOf, sendProblem } from "./http/problem.ts";
import { requestIdOf, traceparentOf } from "./http/request-headers.ts";
import { pagesOf, type Page } from "./pages.ts";
import { RouteIndex, routesOf, type Route } from "./routes.ts";
import { follow } from "./server.ts";

/** What moleculer-web puts on a request and we read back. */
interface WebRequest extends IncomingMessage { $ctx: Context<unknown, Meta>; parsedUrl: string; $edge: { requestId: string; startedAt: number; route?: string } }
interface Alias { action: string | null; route: { path: string }; target: Target; toString(): string }
type Target = { route: Route; page?: never } | { page: Page; route?: never };
/** The gateway service: moleculer-web's methods, and ours in place of some of them. */
export interface Gateway extends Service {
  server: Server;
  edge: Edge;
  index: RouteIndex<Alias>;
  /** A stop has begun. */
  draining: boolean;
  /** Answers that are not finished. */
  underWay: Set<ServerResponse>;
  aliases: Alias[];
  addRoute(options: object): unknown;
  createAlias(route: object, path: string, action: unknown): Alias;
  httpHandler(req: IncomingMessage, res: ServerResponse): Promise<void>;
}

/** Registers the aliases of all contracts with moleculer-web and indexes them. */
export function openRoutes(gateway: Gateway): void {
  const { broker } = gateway;
  gateway.edge = new Edge(broker);
  gateway.index = new RouteIndex();
  const targets = new Map<string, Target>();
  for (const route of routesOf(platformOf(broker).contracts)) targets.set(`${route.method} ${route.path}`, { route });
  for (const page of pagesOf(broker)) targets.set(`GET ${page.path}`, { page });
  const aliases = Object.fromEntries([...targets].map(([rest, target]) => [rest, target.route ? target.route.action : () => undefined]));
  gateway.addRoute({ path: "/", mappingPolicy: "restrict", mergeParams: false, bodyParsers: false, logging: false, etag: false, aliases });
  for (const alias of gateway.aliases) indexAlias(gateway.index, alias as Alias & { method: string; path: string }, targets);
}

function indexAlias(index: RouteIndex<Alias>, alias: Alias & { method: string; path: string }, targets: Map<string, Target>): void {
  const path = alias.path.startsWith("/") ? alias.path : `/${alias.path}`;
  alias.target = targets.get(`${alias.method} ${path}`)!;
  // moleculer-web colours this text for each request, for a debug line that nobody reads.
  alias.toString = () => `${alias.method} ${path}`;
  index.add(alias.method, path, alias);
}

/** Every request starts and ends here; nothing that is thrown further in gets past this. */
export function handle(gateway: Gateway, req: IncomingMessage, res: ServerResponse): Promise<void> {
  const requestId = requestIdOf(req), given = traceparentOf(req);
  (req as WebRequest).$edge = { requestId, startedAt: performance.now() };
  const { tracing } = platformOf(gateway.broker);
  if (!tracing || req.url!.startsWith(PROBES)) return inScope({ requestId, traceparent: given ?? newTraceparent() }, () => answer(gateway, req, res));
  return inScope({ requestId, traceparent: given }, () => tracing.request({ service: "api", name: req.method!, kind: "SERVER" }, async (span) => {
    await answer(gateway, req, res);
    describeRequest(span, req as WebRequest, res);
  }));
}

/** Asked each second, and of no interest to a trace or a log. */
const PROBES = "/health/";

async function answer(gateway: Gateway, req: IncomingMessage, res: ServerResponse): Promise<void> {
  const { requestId } = (req as WebRequest).$edge;
  res.setHeader("X-Request-Id", requestId);
  for (const [name, value] of FIXED_HEADERS) res.setHeader(name, value);
  allowOrigin(req, res);
  platformOf(gateway.broker).metrics?.requestBegun();
  const finished = follow(gateway, res);
  try {
    if (req.headers.host === undefined && req.httpVersion === "1.1") throw refuse.invalid_request("The header Host is missing");
    if (req.method === "OPTIONS") await answerOptions(gateway, req, res);
    else await gateway.actions.rest!({ req, res }, { requestID: requestId, meta: { requestId, traceparent: currentScope()!.traceparent } } as never);
  } catch (error) {
    await answerError(gateway, req, res, error);
  }
  finished();
  report(gateway, req as WebRequest, res);
}

async function answerOptions(gateway: Gateway, req: IncomingMessage, res: ServerResponse): Promise<void> {
  await gateway.edge.spendUnrouted(req, res);
  const path = req.url!.split("?", 1)[0]!;
  const methods = path === "*" ? ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"] : gateway.index.methods(path);
  if (methods.length === 0) gateway.index.find("GET", path);
  sendOptions(req, res, methods);
}

async function answerError(gateway: Gateway, req: IncomingMessage, res: ServerResponse, error: unknown): Promise<void> {
  const { requestId } = (req as WebRequest).$edge;
  let refusal = refusalOf(error);
  if (!res.hasHeader("RateLimit") && !req.url!.startsWith(PROBES)) await gateway.edge.spendUnrouted(req, res).catch((limit: unknown) => { refusal = refusalOf(limit); });
  if (refusal.type === "internal" && !isRefusal(error)) gateway.logger.error({ method: req.method, route: (req as WebRequest).$edge.route ?? UNROUTED, error: stackOf(error) }, "a request failed");
  if (res.headersSent) {
    res.destroy();
    return;
  }
  sendProblem(req, res, refusal, requestId);
}

/** In place of moleculer-web's linear search over all aliases. @throws not_found, method_not_allowed */
export function resolveAlias(gateway: Gateway, path: string, method: string): { alias: Alias; params: Record<string, string> } {
  const { value, params } = gateway.index.find(method, path);
  return { alias: value, params };
}

/** In place of moleculer-web's call of the action. */
export async function serveAlias(gateway: Gateway, req: IncomingMessage, res: ServerResponse, alias: Alias): Promise<true> {
  const web = req as WebRequest & { $params: { params: Record<string, string> } };
  const { page, route } = alias.target;
  web.$edge.route = (page ?? route).path;
  if (page) {
    if (page.limited) await gateway.edge.spendUnrouted(req, res);
    await page.send(req, res);
    return true;
  }
  const question = (req as { originalUrl?: string }).originalUrl!.indexOf("?");
  const queryText = question < 0 ? "" : (req as { originalUrl?: string }).originalUrl!.slice(question + 1);
  await gateway.edge.serve({ req, res, ctx: web.$ctx, route, path: web.$params.params, queryText });
  return true;
}

/** What a client made up as a path stands in no log. */
const UNROUTED = "unrouted";

/** One line per request: what failed on our side at `warn`, the rest for those who look closer. A probe that answers "not ready" has not failed. */
function report(gateway: Gateway, req: WebRequest, res: ServerResponse): void {
  const { startedAt, route } = req.$edge;
  const level = res.statusCode >= 500 && !route?.startsWith(PROBES) ? "warn" : "debug";
  const ms = performance.now() - startedAt;
  platformOf(gateway.broker).metrics?.requestEnded(route, req.method!, res.statusCode, ms);
  gateway.logger[level]({ method: req.method, route: route ?? UNROUTED, status: res.statusCode, ms: Math.round(ms * 10) / 10 }, "request");
}

/** The route and not the path: a trace holds no more of the client's own words than a log does. */
function describeRequest(span: Span, { $edge: { requestId, route = UNROUTED }, method }: WebRequest, { statusCode }: ServerResponse): void {
  const { tenantId, actor } = currentScope()!;
  span.updateName(`${method} ${route}`);
  span.setAttributes({
    "http.request.method": method!, "http.route": route, "http.response.status_code": statusCode, "beaveros.request.id": requestId,
    ...(tenantId ? { "beaveros.tenant.id": tenantId } : {}), ...(actor ? { "enduser.id": actor } : {}),
  });
  if (statusCode >= 500) span.setStatus({ code: ERROR_STATUS });
}

/** SpanStatusCode.ERROR, without loading OpenTelemetry where nobody traces. */
const ERROR_STATUS = 2;

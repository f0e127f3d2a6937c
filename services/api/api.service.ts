import type { IncomingMessage, ServerResponse } from "node:http";
import type { ServiceSchema } from "moleculer";
import ApiGateway from "moleculer-web";
import { handle, openRoutes, resolveAlias, serveAlias, type Gateway } from "./gateway.ts";
import { close, listen, openServer } from "./server.ts";

/** The edge: the only way in from outside. moleculer-web routes and traces; what a request means is said by the contracts. */
export default {
  name: "api",
  mixins: [ApiGateway],
  // The server is our own (no listen before the start, no exit of the process on a taken port), and routes come from the contracts.
  settings: { server: false, routes: null, logRequest: null, logRequestParams: null, logResponse: null, logRouteRegistration: null, optimizeOrder: false },
  actions: {
    // Slow clients must not use up a queue, and a failing service must not open a breaker in front of all the others.
    rest: { permission: "public", bulkhead: { enabled: false }, circuitBreaker: { enabled: false } },
    listAliases: false,
    addRoute: false,
    removeRoute: false,
  },
  methods: {
    httpHandler(this: Gateway, req: IncomingMessage, res: ServerResponse) { return handle(this, req, res); },
    parseQueryString(req: IncomingMessage) { return { url: req.url!.split("?", 1)[0]!, query: {} }; },
    resolveAlias(this: Gateway, path: string, method: string) { return resolveAlias(this, path, method); },
    aliasHandler(this: Gateway, req: IncomingMessage, res: ServerResponse, alias: never) { return serveAlias(this, req, res, alias); },
  },
  created(this: Gateway) { openRoutes(this); openServer(this); },
  started(this: Gateway) { return listen(this); },
  stopped(this: Gateway) { return close(this); },
} as unknown as ServiceSchema;

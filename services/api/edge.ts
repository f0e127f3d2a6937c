import type { IncomingMessage, ServerResponse } from "node:http";
import type { Context, ServiceBroker } from "moleculer";
import { refuse } from "../../lib/errors.ts";
import type { IdempotencyClaim, Meta } from "../../mixins/call.ts";
import { requestHash } from "../../mixins/idempotency.ts";
import { currentScope, noteInScope } from "../../node/log/scope.ts";
import { platformOf } from "../../node/platform.ts";
import { Admission } from "./access/admission.ts";
import { Credentials, type Credential } from "./access/credentials.ts";
import { RateLimits } from "./access/rate-limits.ts";
import { hasBody, readJsonBody } from "./http/body.ts";
import { clientAddressOf } from "./http/client-address.ts";
import { paramsOf } from "./http/params.ts";
import { sendReply } from "./http/reply.ts";
import { idempotencyKeyOf, ifMatchOf, requireAcceptable } from "./http/request-headers.ts";
import { receiveImport } from "./imports/receive-import.ts";
import type { Route } from "./routes.ts";

/** One request that found its route. */
export interface Exchange {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  readonly ctx: Context<unknown, Meta>;
  readonly route: Route;
  readonly path: Record<string, string>;
  readonly queryText: string;
}

/** Where a password can be tried, or a tenant opened. */
const ENTRY_PATHS = new Set(["/v1/signup", "/v1/auth/login", "/v1/auth/mfa", "/v1/auth/pin", "/v1/auth/identity"]);
const JSON_ONLY = ["application/json"];

/** What happens between a route and its action, in this order: a free place, budget, credential, representation, body, parameters, call, answer. */
export class Edge {
  readonly #broker: ServiceBroker;
  readonly #credentials: Credentials;
  readonly #limits: RateLimits;
  readonly #admission: Admission;
  readonly #trustedProxies: number;

  constructor(broker: ServiceBroker) {
    const { environment } = platformOf(broker);
    this.#broker = broker;
    this.#credentials = new Credentials(broker);
    this.#limits = new RateLimits(broker);
    this.#admission = new Admission(environment.concurrentRequests);
    this.#trustedProxies = environment.trustedProxies;
  }

  close(): void {
    this.#limits.close();
  }

  /** For answers that belong to no route: a wrong path is a request too. */
  async spendUnrouted(req: IncomingMessage, res: ServerResponse): Promise<void> {
    await this.#limits.spend(this.#addressOf(req), res);
  }

  async serve(exchange: Exchange): Promise<void> {
    const { req, res, ctx, route } = exchange;
    this.#admission.check();
    const credential = await this.#admit(req, res, route);
    if (credential) ctx.meta.token = credential.token;
    ctx.meta.address = this.#addressOf(req);
    requireAcceptable(req, acceptable(route));
    if (route.contract.consumes) return this.#receive(exchange);
    const params = await this.#params(exchange);
    this.#prepare(ctx.meta, req, route, params);
    const { result, meta } = await this.#admission.run(() => this.#call(ctx, route.action, params));
    sendReply(req, res, route, result, meta);
  }

  /** The credential, counted against its own budget; a stranger is counted by address. @throws unauthenticated, rate_limited */
  async #admit(req: IncomingMessage, res: ServerResponse, route: Route): Promise<Credential | undefined> {
    let credential: Credential | undefined;
    try {
      credential = await this.#credentials.of(req);
    } catch (error) {
      await this.#limits.spend(this.#addressOf(req), res);
      await this.#limits.spendEntry(this.#addressOf(req), undefined);
      // A till whose token has just ended must still be able to log in again.
      if (route.contract.permission !== "public") throw error;
    }
    if (credential) noteInScope({ tenantId: credential.identity.tenantId, actor: credential.identity.actorId });
    if (credential) await this.#limits.spend(`${credential.identity.tenantId} ${credential.identity.actorId}`, res);
    else if (!res.hasHeader("RateLimit")) await this.#limits.spend(this.#addressOf(req), res);
    if (!credential && route.contract.permission !== "public") throw refuse.unauthenticated();
    return credential;
  }

  async #params({ req, route, path, queryText }: Exchange): Promise<Record<string, unknown>> {
    const bodyless = route.method === "GET" || route.method === "DELETE";
    if (bodyless && hasBody(req)) throw refuse.invalid_request(`A ${route.method} takes no body`);
    const body = bodyless ? {} : await readJsonBody(req);
    if (ENTRY_PATHS.has(route.path)) await this.#limits.spendEntry(this.#addressOf(req), body.email);
    return paramsOf(route, { path, query: queryText, body });
  }

  /** A child of the request's context, so that what the action notes in its meta can be read afterwards. */
  async #call(ctx: Context<unknown, Meta>, action: string, params: unknown): Promise<{ result: unknown; meta: Meta }> {
    const meta: Meta = { traceparent: currentScope()?.traceparent };
    const child = this.#broker.ContextFactory.create(this.#broker, null as never, params as never, { parentCtx: ctx, meta } as never) as unknown as Context<unknown, Meta>;
    const result: unknown = await this.#broker.call(action, params as never, { ctx: child } as never);
    return { result, meta: child.meta };
  }

  async #receive(exchange: Exchange): Promise<void> {
    const { req, res, ctx, route, path, queryText } = exchange;
    const params = paramsOf(route, { path, query: queryText, body: {} });
    const call = (name: string, given: unknown, idempotency?: IdempotencyClaim) => {
      ctx.meta.idempotency = idempotency;
      return this.#call(ctx, name, given);
    };
    const { result, meta } = await receiveImport({ broker: this.#broker, req, params, key: idempotencyKeyOf(req), action: route.action, call });
    sendReply(req, res, route, result, meta);
  }

  /** What travels beside the parameters: the idempotency claim of a POST, the version that a change expects. */
  #prepare(meta: Meta, req: IncomingMessage, route: Route, params: unknown): void {
    meta.acceptsText = route.method === "GET";
    if (route.method === "POST") {
      const key = idempotencyKeyOf(req);
      if (key !== undefined) meta.idempotency = { key, hash: requestHash(this.#broker, route.action, params) };
    } else if (route.method === "PATCH" || route.method === "PUT" || route.method === "DELETE") {
      meta.ifMatch = ifMatchOf(req);
    }
  }

  #addressOf(req: IncomingMessage): string {
    return clientAddressOf(req, this.#trustedProxies);
  }
}

const acceptable = (route: Route): readonly string[] => route.contract.produces ? [...route.contract.produces, ...JSON_ONLY] : JSON_ONLY;

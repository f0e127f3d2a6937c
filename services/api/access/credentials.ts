import { createHash } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { ServiceBroker } from "moleculer";
import { isRefusal, refuse } from "../../../lib/errors.ts";
import { callAs } from "../../../mixins/call.ts";
import { platformOf } from "../../../node/platform.ts";
import type { Identity } from "../../../node/tokens.ts";

/** A session that was ended, or a key that was revoked, is refused at most this much later. */
const RECHECK_MS = 1_000;
const KEPT_MAX = 20_000;
/** `authenticateKey` finds the tenant itself; the call needs some tenant to be signed for. */
const NO_TENANT = "00000000-0000-0000-0000-000000000000";

export interface Credential { readonly token: string; readonly identity: Identity }
interface Kept<T> { readonly until: number; readonly value: Promise<T> }

/** Who sends a request: an access token whose session still stands, or an API key. */
export class Credentials {
  readonly #broker: ServiceBroker;
  readonly #sessions = new Map<string, Kept<boolean>>();
  readonly #keys = new Map<string, Kept<string>>();

  constructor(broker: ServiceBroker) {
    this.#broker = broker;
  }

  /** @returns undefined without a credential. @throws unauthenticated for one that is not (or no longer) good */
  async of(req: IncomingMessage): Promise<Credential | undefined> {
    const header = req.headers.authorization;
    if (header === undefined) return undefined;
    const secret = /^Bearer +([\x21-\x7e]+)$/i.exec(header)?.[1];
    if (!secret) throw refuse.unauthenticated("Authorization must be `Bearer` and a token");
    const token = secret.startsWith("bk_") ? await this.#tokenOfKey(secret) : secret;
    const identity = platformOf(this.#broker).tokens.verify(token);
    // A token of a service is for the bus: it may call what no client may.
    if (!identity || identity.service) throw refuse.unauthenticated("The access token is not valid or has ended");
    if (token === secret && identity.sessionId && !(await this.#stands(identity.tenantId, identity.sessionId))) throw refuse.unauthenticated("The session has ended");
    return { token, identity };
  }

  #stands(tenantId: string, sessionId: string): Promise<boolean> {
    return remembered(this.#sessions, sessionId, () => this.#askSession(tenantId, sessionId));
  }

  async #askSession(tenantId: string, sessionId: string): Promise<boolean> {
    try {
      return (await callAs(this.#host(tenantId), "auth.sessionState", { sessionId })).active;
    } catch (error) {
      // The token itself is good and short-lived: a till goes on selling while auth is away.
      if (isRefusal(error) && error.code < 500) return false;
      return true;
    }
  }

  #tokenOfKey(secret: string): Promise<string> {
    return remembered(this.#keys, createHash("sha256").update(secret).digest("base64url"), async () => {
      return (await callAs(this.#host(NO_TENANT), "auth.authenticateKey", { secret })).accessToken;
    });
  }

  #host(tenantId: string) {
    return { broker: this.#broker, service: "api", tenantId };
  }
}

/** The answer of the last second, or one question for all who ask at the same time. A failure is not remembered. */
function remembered<T>(kept: Map<string, Kept<T>>, key: string, ask: () => Promise<T>): Promise<T> {
  const known = kept.get(key);
  if (known && known.until > Date.now()) return known.value;
  const value = ask();
  if (kept.size >= KEPT_MAX) kept.delete(kept.keys().next().value!);
  kept.delete(key);
  kept.set(key, { until: Date.now() + RECHECK_MS, value });
  value.catch(() => kept.delete(key));
  return value;
}

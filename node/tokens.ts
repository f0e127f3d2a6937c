import jwt from "jsonwebtoken";
import { invariant } from "../lib/errors.ts";
import { CONSOLE } from "./key-ring.ts";
import type { Secrets } from "./secrets.ts";

/** Who acts, as every service reads it from the verified token. `service` is set for calls that a service makes on its own account. */
export interface Identity {
  readonly tenantId: string;
  readonly actorId: string;
  readonly permissions: readonly string[];
  /** Stores that the actor may touch; empty: all. */
  readonly storeIds: readonly string[];
  readonly sessionId?: string;
  readonly service?: string;
  readonly expiresAt: number;
}

export const ISSUER = "beaveros";
export const ACCESS_AUDIENCE = "beaveros-api";
const SERVICE_AUDIENCE = "beaveros-bus";
/** A service signs with a key of its own, named by this and its name: nobody else's token passes for one. */
const SERVICE_PREFIX = "service:";
/** Lifetime of an access token: api.md promises 300 s at least. */
export const ACCESS_TTL_S = 900;
const SERVICE_TTL_S = 300;
/** Beside `internal` actions, what a service asks on its own account. It holds whatever its token says: with the keys of one node nobody makes users or reads the books of all tenants. */
export const SERVICE_GRANTS: Readonly<Record<string, readonly string[]>> = {
  auth: ["entity.tenant.read"], report: ["catalog.inventory.read"], workflow: ["auth.roles.read", "auth.users.read", "entity.tenant.read"], [CONSOLE]: ["*"],
};
const CACHE_MAX = 10_000;

interface Claims { sub: string; tid: string; perms: string[]; stores?: string[]; sid?: string; exp: number; aud: string }

/** Signs and verifies the tokens that travel with every call. A token that was verified once is remembered until it ends. */
export class Tokens {
  readonly #secrets: Secrets;
  readonly #verified = new Map<string, Identity>();
  readonly #issued = new Map<string, { token: string; renewAt: number }>();

  constructor(secrets: Secrets) {
    this.#secrets = secrets;
  }

  signAccess(actor: { tenantId: string; userId: string; sessionId: string; permissions: readonly string[]; storeIds: readonly string[] }): string {
    return this.#sign({ tid: actor.tenantId, perms: actor.permissions, stores: actor.storeIds, sid: actor.sessionId }, actor.userId, ACCESS_AUDIENCE, ACCESS_TTL_S);
  }

  /** For an API key: it has no session, so the token is short and the key is asked for again. */
  signKey(key: { tenantId: string; keyId: string; permissions: readonly string[]; ttlS: number }): string {
    return this.#sign({ tid: key.tenantId, perms: key.permissions }, key.keyId, ACCESS_AUDIENCE, key.ttlS);
  }

  /** The public key in the form of RFC 7517. */
  publicKey(): Record<string, string> {
    const { verifyKey, keyId, algorithm } = this.#secrets;
    return { ...verifyKey.export({ format: "jwk" }) as Record<string, string>, kid: keyId, alg: algorithm, use: "sig" };
  }

  /** The identity of one service for one tenant, made at most once in four minutes. */
  forService(service: string, tenantId: string): string {
    const key = `${service}:${tenantId}`;
    const now = Date.now();
    const kept = this.#issued.get(key);
    if (kept && kept.renewAt > now) return kept.token;
    const subject = SERVICE_PREFIX + service;
    const token = jwt.sign({ tid: tenantId }, this.#secrets.serviceKey(service), { algorithm: "ES256", issuer: ISSUER, audience: SERVICE_AUDIENCE, subject, expiresIn: SERVICE_TTL_S, keyid: subject });
    bound(this.#issued);
    this.#issued.set(key, { token, renewAt: now + (SERVICE_TTL_S - 60) * 1000 });
    return token;
  }

  /** @returns undefined when the token is forged, ended, or of another issuer, audience or algorithm */
  verify(token: string): Identity | undefined {
    const known = this.#verified.get(token);
    if (known) {
      if (known.expiresAt > Date.now()) return known;
      this.#verified.delete(token);
      return undefined;
    }
    const identity = this.#read(token);
    if (identity) {
      bound(this.#verified);
      this.#verified.set(token, identity);
    }
    return identity;
  }

  /** It is genuine and was good a while ago. */
  hasEnded(token: string): boolean {
    try {
      this.#claims(token);
      return false;
    } catch (error) {
      return error instanceof jwt.TokenExpiredError;
    }
  }

  #read(token: string): Identity | undefined {
    let claims: Claims;
    try {
      claims = this.#claims(token);
    } catch {
      return undefined;
    }
    const service = claims.aud === SERVICE_AUDIENCE ? claims.sub.slice(SERVICE_PREFIX.length) : undefined;
    return {
      tenantId: claims.tid, actorId: claims.sub, permissions: service === undefined ? claims.perms : SERVICE_GRANTS[service] ?? [], storeIds: claims.stores ?? [], expiresAt: claims.exp * 1000,
      ...(claims.sid ? { sessionId: claims.sid } : {}), ...(service ? { service } : {}),
    };
  }

  /** @throws whatever is wrong with it */
  #claims(token: string): Claims {
    const keyId = (jwt.decode(token, { complete: true }) as { header: { kid?: string } } | null)?.header.kid ?? "";
    if (!keyId.startsWith(SERVICE_PREFIX)) return jwt.verify(token, this.#secrets.verifyKey, { algorithms: [this.#secrets.algorithm], issuer: ISSUER, audience: ACCESS_AUDIENCE }) as unknown as Claims;
    const key = this.#secrets.servicePublicKey(keyId.slice(SERVICE_PREFIX.length));
    return jwt.verify(token, key!, { algorithms: ["ES256"], issuer: ISSUER, audience: SERVICE_AUDIENCE, subject: keyId }) as unknown as Claims;
  }

  #sign(claims: object, subject: string, audience: string, ttlS: number): string {
    const { signingKey } = this.#secrets;
    invariant(signingKey, "access tokens are signed where auth runs, and nowhere else");
    return jwt.sign(claims, signingKey, { algorithm: this.#secrets.algorithm, issuer: ISSUER, audience, subject, expiresIn: ttlS, keyid: this.#secrets.keyId });
  }
}

function bound(map: Map<string, unknown>): void {
  if (map.size >= CACHE_MAX) map.delete(map.keys().next().value!);
}

import { refuse } from "../../../lib/errors.ts";
import { handler } from "../../../mixins/handlers.ts";
import { platformOf } from "../../../node/platform.ts";
import type { authContract } from "../contract.ts";
import { readSecret } from "../credentials/bearer-secret.ts";
import { keyBySecret } from "../models/api-keys.model.ts";
import { KEY_PREFIX } from "./create-api-key.ts";

/** How long a caller may go on after the key was revoked, if it keeps the token so long. */
const KEY_TOKEN_TTL_S = 300;

/** Turns an API key into a short access token. Permission: internal. The tenant is the one that the secret names and its hash proves, not the caller's.
 *  @throws unauthenticated (401): unknown, revoked or expired */
export const authenticateKey = handler<typeof authContract, "authenticateKey">(async ({ secret }, ctx) => {
  const given = readSecret(KEY_PREFIX, secret);
  const { database, tokens } = platformOf(ctx.broker);
  const key = given && await database("auth").inTenant(given.tenantId, (tx) => keyBySecret(tx, given));
  if (!given || !key) throw refuse.unauthenticated();
  const ttlS = key.expiresAt === null ? KEY_TOKEN_TTL_S : Math.max(1, Math.min(KEY_TOKEN_TTL_S, Math.floor((Date.parse(key.expiresAt) - Date.now()) / 1000)));
  const accessToken = tokens.signKey({ tenantId: given.tenantId, keyId: given.id, permissions: key.permissions, ttlS });
  return { accessToken, expiresIn: ttlS, tenantId: given.tenantId, keyId: given.id, permissions: key.permissions };
});

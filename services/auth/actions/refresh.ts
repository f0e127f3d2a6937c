import type { ServiceBroker } from "moleculer";
import type { Tx } from "../../../mixins/database.ts";
import { handler } from "../../../mixins/handlers.ts";
import { platformOf } from "../../../node/platform.ts";
import type { authContract } from "../contract.ts";
import { readSecret, type BearerSecret } from "../credentials/bearer-secret.ts";
import { refuse } from "../errors.ts";
import { endSession, prolongSession, sessionOfToken, useToken } from "../models/sessions.model.ts";
import { REFRESH_PREFIX, renew, type IssuedTokens } from "./issue-tokens.ts";

/** New tokens for a refresh token, which is used up by it. Permission: public.
 *  A second use says that the token is in two hands, so it ends the session with all its tokens; also when both uses come at once: one of them gets
 *  tokens, the other ends the session, and those tokens with it. Clients therefore refresh from one place. An `Idempotency-Key` changes nothing of this.
 *  @throws invalid_refresh_token (401) */
export const refresh = handler<typeof authContract, "refresh">(async ({ refreshToken }, ctx) => {
  const secret = readSecret(REFRESH_PREFIX, refreshToken);
  const tokens = secret && await platformOf(ctx.broker).database("auth").inTenant(secret.tenantId, (tx) => exchange(tx, ctx.broker, secret));
  if (!tokens) throw refuse.invalid_refresh_token();
  return { tokens };
});

/** Answers undefined instead of throwing: the end of the session must commit. */
async function exchange(tx: Tx, broker: ServiceBroker, secret: BearerSecret): Promise<IssuedTokens | undefined> {
  const sessionId = await useToken(tx, secret);
  if (sessionId === undefined) return endFamily(tx, secret);
  const userId = await prolongSession(tx, sessionId);
  return userId === undefined ? undefined : renew(tx, broker, { id: sessionId, userId });
}

async function endFamily(tx: Tx, secret: BearerSecret): Promise<undefined> {
  const family = await sessionOfToken(tx, secret);
  if (family !== undefined) await endSession(tx, family, "reuse");
}

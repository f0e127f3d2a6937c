import { identityOf } from "../../../middlewares/identity.ts";
import { command } from "../../../mixins/handlers.ts";
import type { authContract } from "../contract.ts";
import { readSecret } from "../credentials/bearer-secret.ts";
import { endSession, sessionOfToken, userOfSession } from "../models/sessions.model.ts";
import { REFRESH_PREFIX } from "./issue-tokens.ts";

/** Ends the session of the access token, and that of the refresh token if one is sent and it is the same user's. Permission: authenticated; twice is once. */
export const logOut = command<typeof authContract, "logOut">(async (tx, { refreshToken }, ctx) => {
  const { sessionId, actorId } = identityOf(ctx);
  if (sessionId) await endSession(tx, sessionId, "logout");
  const secret = refreshToken === undefined ? undefined : readSecret(REFRESH_PREFIX, refreshToken);
  const other = secret?.tenantId === tx.tenantId ? await sessionOfToken(tx, secret) : undefined;
  if (other !== undefined && (await userOfSession(tx, other)) === actorId) await endSession(tx, other, "logout");
  return null;
});

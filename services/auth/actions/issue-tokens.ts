import type { ServiceBroker } from "moleculer";
import { newId } from "../../../lib/ids.ts";
import { tellAudit, type AuditStamp } from "../../../mixins/audit.ts";
import type { Tx } from "../../../mixins/database.ts";
import { platformOf } from "../../../node/platform.ts";
import { ACCESS_TTL_S } from "../../../node/tokens.ts";
import { writeSecret } from "../credentials/bearer-secret.ts";
import { addToken, openSession } from "../models/sessions.model.ts";
import { findUser, rightsOf, type UserRow } from "../models/users.model.ts";
import { readTenant, type Tenant } from "./entity-client.ts";

export const REFRESH_PREFIX = "br_";
export interface IssuedTokens { accessToken: string; refreshToken: string; tokenType: "Bearer"; expiresIn: number }

/** Opens a session for somebody whose credentials were checked. Answers what sign-up and log-in answer.
 *  @param audit of a log-in; a sign-up tells of itself */
export async function enter(broker: ServiceBroker, who: { tenantId: string; userId: string }, audit?: AuditStamp): Promise<{ tenant: Tenant; user: UserRow; tokens: IssuedTokens }> {
  const tenant = await readTenant(broker, who.tenantId);
  return platformOf(broker).database("auth").inTenant(who.tenantId, async (tx) => {
    const sessionId = newId();
    const { secret, token } = newRefreshToken(who.tenantId);
    await openSession(tx, { id: sessionId, userId: who.userId, token });
    tellAudit(tx, audit, who.userId);
    return { tenant, user: (await findUser(tx, who.userId))!, tokens: await sign(tx, broker, { ...who, sessionId, refreshToken: secret }) };
  });
}

/** The next pair of tokens of a session that stands. */
export async function renew(tx: Tx, broker: ServiceBroker, session: { id: string; userId: string }): Promise<IssuedTokens> {
  const { secret, token } = newRefreshToken(tx.tenantId);
  await addToken(tx, session.id, token);
  return sign(tx, broker, { tenantId: tx.tenantId, userId: session.userId, sessionId: session.id, refreshToken: secret });
}

function newRefreshToken(tenantId: string): { secret: string; token: { id: string; hash: Buffer } } {
  const id = newId();
  const { text, hash } = writeSecret(REFRESH_PREFIX, { tenantId, id });
  return { secret: text, token: { id, hash } };
}

async function sign(tx: Tx, broker: ServiceBroker, given: { tenantId: string; userId: string; sessionId: string; refreshToken: string }): Promise<IssuedTokens> {
  const rights = (await rightsOf(tx, given.userId))!;
  const accessToken = platformOf(broker).tokens.signAccess({ tenantId: given.tenantId, userId: given.userId, sessionId: given.sessionId, permissions: rights.permissions, storeIds: rights.storeIds });
  return { accessToken, refreshToken: given.refreshToken, tokenType: "Bearer", expiresIn: ACCESS_TTL_S };
}

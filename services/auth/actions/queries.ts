import { refuse } from "../../../lib/errors.ts";
import { identityOf } from "../../../middlewares/identity.ts";
import type { Ctx } from "../../../mixins/call.ts";
import { LIMIT_DEFAULT, page, readCursor } from "../../../mixins/cursor.ts";
import { handler, inTenant, query } from "../../../mixins/handlers.ts";
import { platformOf } from "../../../node/platform.ts";
import type { authContract } from "../contract.ts";
import { emailKey } from "../domain/email.ts";
import { expand, permissionCatalogue } from "../domain/permission-catalogue.ts";
import { findApiKey, pageOfApiKeys } from "../models/api-keys.model.ts";
import { findRole, pageOfRoles } from "../models/roles.model.ts";
import { standing } from "../models/sessions.model.ts";
import { findUser, pageOfUsers } from "../models/users.model.ts";
import { readTenant } from "./entity-client.ts";
import { actorRights, knownPermissions } from "./rights.ts";

type Contract = typeof authContract;

/** Who acts, and what they may do at this moment, wildcards written out. Permission: authenticated. For an API key `user` is null. */
export const me = handler<Contract, "me">(async (_params, ctx) => {
  const { tenantId, actorId } = identityOf(ctx);
  const tenant = await readTenant(ctx.broker, tenantId);
  const { user, rights } = await inTenant(ctx, async (tx) => ({ rights: await actorRights(tx, ctx), user: await findUser(tx, actorId) }));
  return { user: user ?? null, tenant, permissions: expand(rights.permissions, knownPermissions(ctx)), storeIds: [...rights.storeIds] };
});

/** Permission: public. */
export const jwks = handler<Contract, "jwks">(async (_params, ctx) => ({ keys: [platformOf(ctx.broker).tokens.publicKey()] }));

/** Permission: internal. A session that was never there has ended. */
export const sessionState = query<Contract, "sessionState">(async (tx, { sessionId }) => {
  const rights = await standing(tx, sessionId);
  return rights ? { active: true, ...rights } : { active: false, permissions: [], storeIds: [] };
});

/** Permission: auth.users.read. Sort: createdAt. */
export const listUsers = query<Contract, "listUsers">(async (tx, params, ctx) => {
  const list = listOf(ctx, "users", params);
  const rows = await pageOfUsers(tx, { ...list.range, email: params.email === undefined ? null : emailKey(params.email) });
  return page(ctx, list.name, { rows, limit: list.limit, key: (row) => [row.id], map: (row) => row });
});

/** Permission: auth.roles.read. Sort: createdAt. */
export const listRoles = query<Contract, "listRoles">(async (tx, params, ctx) => {
  const list = listOf(ctx, "roles", params);
  return page(ctx, list.name, { rows: await pageOfRoles(tx, list.range), limit: list.limit, key: (row) => [row.id], map: (row) => row });
});

/** Permission: auth.apiKeys.read. Sort: createdAt. Revoked keys are gone; secrets are never shown again. */
export const listApiKeys = query<Contract, "listApiKeys">(async (tx, params, ctx) => {
  const list = listOf(ctx, "api-keys", params);
  return page(ctx, list.name, { rows: await pageOfApiKeys(tx, list.range), limit: list.limit, key: (row) => [row.id], map: (row) => row });
});

/** Permissions: auth.users.read, auth.roles.read, auth.apiKeys.read. @throws not_found */
export const readUser = query<Contract, "readUser">(async (tx, { id }) => found(await findUser(tx, id)));
export const readRole = query<Contract, "readRole">(async (tx, { id }) => found(await findRole(tx, id)));
export const readApiKey = query<Contract, "readApiKey">(async (tx, { id }) => found(await findApiKey(tx, id)));

/** Permission: auth.roles.read. */
export const listPermissions = handler<Contract, "listPermissions">(async (_params, ctx) => ({ data: permissionCatalogue(platformOf(ctx.broker).contracts), nextCursor: null }));

/** Ids sort by the time of creation, so they are the key of both orders. */
function listOf(ctx: Ctx, name: string, params: { limit?: number; cursor?: string; sort?: string }) {
  const { limit = LIMIT_DEFAULT, sort = "-createdAt" } = params;
  if (sort !== "-createdAt" && sort !== "createdAt") throw refuse.invalid_request("sort: createdAt or -createdAt", { pointer: "/sort" });
  const cursorName = `auth.${name} ${sort}`;
  const after = (readCursor(ctx, cursorName, params.cursor)?.[0] ?? null) as string | null;
  return { name: cursorName, limit, range: { after, newestFirst: sort === "-createdAt", limit: limit + 1 } };
}

function found<T>(row: T | undefined): T {
  if (!row) throw refuse.not_found();
  return row;
}

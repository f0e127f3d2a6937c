import { Type } from "typebox";
import { action, AUDIT_MS, contract } from "../../lib/contract.ts";
import { ownDataPatch } from "../../lib/patch-schemas.ts";
import { ById, Closed, Currency, Email, Id, Instant, List, listParams, Name, Nothing, Nullable, OneOf, ownData, ownDataOut, stamps } from "../../lib/schemas.ts";
import { entityContract } from "../entity/contract.ts";

const Password = Type.String({ minLength: 8, maxLength: 200 });
const Slug = Type.String({ pattern: "^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$", description: "lower case, digits and hyphens; unique over all tenants" });
/** `service.resource.verb`, or a wildcard: `*`, `catalog.*`, `catalog.products.*`, `*.read`. */
const Permission = Type.String({ pattern: "^(\\*|\\*\\.[a-z]+|[a-zA-Z]+(\\.[a-zA-Z]+)?\\.\\*|[a-zA-Z]+\\.[a-zA-Z]+\\.[a-zA-Z]+)$", maxLength: 100 });
const Permissions = Type.Array(Permission, { maxItems: 200, uniqueItems: true });
const RoleIds = Type.Array(Id, { maxItems: 50, uniqueItems: true });
const StoreIds = Type.Array(Id, { maxItems: 100, uniqueItems: true, description: "empty: all stores" });

const Tokens = Closed({ accessToken: Type.String(), refreshToken: Type.String(), tokenType: Type.Literal("Bearer"), expiresIn: Type.Integer({ description: "seconds" }) });
const Tenant = entityContract.actions.getTenant.result;
const User = Closed({ id: Id, name: Type.String(), email: Type.String(), roleIds: Type.Array(Id), storeIds: Type.Array(Id), ...ownDataOut, archivedAt: Nullable(Instant), ...stamps });
const Role = Closed({ id: Id, name: Type.String(), permissions: Type.Array(Type.String()), builtIn: Type.Boolean(), ...ownDataOut, ...stamps });
const apiKey = { id: Id, name: Type.String(), permissions: Type.Array(Type.String()), expiresAt: Nullable(Instant), ...ownDataOut, ...stamps };
const ApiKey = Closed(apiKey);
const Entered = Closed({ tenant: Tenant, user: User, tokens: Tokens });

const AuditEntry = Closed({
  id: Id, seq: Type.Integer({ description: "1, 2, 3 … per tenant" }), at: Instant, actor: Closed({ kind: OneOf(["user", "apiKey", "service"]), id: Type.String(), name: Nullable(Type.String()) }),
  action: Type.String({ description: "the operationId of the request" }), resourceId: Nullable(Type.String()), fields: Type.Array(Type.String(), { description: "the names of what was sent" }),
  requestId: Nullable(Type.String()), address: Nullable(Type.String({ description: "of the client" })), previousHash: Type.String(), hash: Type.String(),
});

export const authContract = contract("auth", "Identity", {
  actions: {
    signUp: action({
      summary: "Opens a tenant with its owner. The same body again within a day answers again, with new tokens", rest: "POST /v1/signup", status: 201, location: "/v1/tenant", permission: "public",
      params: Closed({
        tenant: Closed({ name: Name, slug: Slug, country: Type.String({ pattern: "^[A-Z]{2}$", description: "ISO 3166-1 alpha-2" }), currency: Currency, timezone: Type.String({ minLength: 1, maxLength: 64, description: "IANA" }) }),
        owner: Closed({ name: Name, email: Email, password: Password }),
      }),
      result: Entered, errors: ["slug_taken", "invalid_timezone", "invalid_currency"],
      example: { tenant: { name: "Alder", slug: "alder", country: "DE", currency: "EUR", timezone: "Europe/Berlin" }, owner: { name: "Ada", email: "ada@alder.example", password: "a long passphrase" } },
    }),
    logIn: action({
      summary: "Opens a session", rest: "POST /v1/auth/login", permission: "public",
      params: Closed({ email: Type.String({ minLength: 1, maxLength: 254 }), password: Type.String({ minLength: 1, maxLength: 200 }), tenant: Type.Optional(Type.String({ minLength: 1, maxLength: 63, description: "slug; needed when the address is in several tenants" })) }),
      result: Entered, errors: ["invalid_credentials", "tenant_required", "login_locked"], example: { email: "ada@alder.example", password: "a long passphrase" },
    }),
    refresh: action({
      summary: "New tokens for a refresh token, which is used up. Using one twice ends the session", rest: "POST /v1/auth/refresh", permission: "public",
      params: Closed({ refreshToken: Type.String({ minLength: 1, maxLength: 500 }) }), result: Closed({ tokens: Tokens }), errors: ["invalid_refresh_token"],
    }),
    logOut: action({
      summary: "Ends the session of the access token", rest: "POST /v1/auth/logout", status: 204, permission: "authenticated", idempotent: true,
      params: Closed({ refreshToken: Type.Optional(Type.String({ minLength: 1, maxLength: 500 })) }), result: Nothing,
    }),
    me: action({
      summary: "Who is signed in, and what they may do", rest: "GET /v1/me", permission: "authenticated", idempotent: true, params: Closed({}),
      result: Closed({ user: Nullable(User), tenant: Tenant, permissions: Type.Array(Type.String()), storeIds: Type.Array(Id) }),
    }),
    jwks: action({
      summary: "The public keys that access tokens verify with", rest: "GET /.well-known/jwks.json", permission: "public", idempotent: true, params: Closed({}),
      result: Closed({ keys: Type.Array(Type.Record(Type.String(), Type.String())) }),
    }),
    sessionState: action({
      summary: "Whether a session still stands, and what its user may do now", permission: "internal", idempotent: true, params: Closed({ sessionId: Id }),
      result: Closed({ active: Type.Boolean(), permissions: Type.Array(Type.String()), storeIds: Type.Array(Id) }),
    }),
    authenticateKey: action({
      summary: "Turns an API key into a short access token of its tenant (whatever tenant the caller names)", permission: "internal", idempotent: true, params: Closed({ secret: Type.String({ maxLength: 500 }) }),
      result: Closed({ accessToken: Type.String(), expiresIn: Type.Integer(), tenantId: Id, keyId: Id, permissions: Type.Array(Type.String()) }), errors: ["unauthenticated"],
    }),

    listUsers: action({ summary: "The users of the tenant", rest: "GET /v1/users", permission: "auth.users.read", idempotent: true, params: Closed({ ...listParams, email: Type.Optional(Type.String({ maxLength: 254 })) }), result: List(User), errors: ["invalid_cursor"] }),
    createUser: action({
      summary: "Adds a user", rest: "POST /v1/users", status: 201, location: "/v1/users/:id", permission: "auth.users.write",
      params: Closed({ name: Name, email: Email, password: Password, roleIds: Type.Optional(RoleIds), storeIds: Type.Optional(StoreIds), ...ownData }),
      result: User, errors: ["not_found", "already_exists", "forbidden"], example: { name: "Carl", email: "carl@alder.example", password: "another passphrase", roleIds: [], storeIds: [] },
    }),
    readUser: action({ summary: "One user", rest: "GET /v1/users/:id", permission: "auth.users.read", idempotent: true, params: ById, result: User, errors: ["not_found"] }),
    changeUser: action({
      summary: "Changes a user; a new password ends the user's other sessions", rest: "PATCH /v1/users/:id", permission: "auth.users.write",
      params: Closed({ id: Id, name: Type.Optional(Name), email: Type.Optional(Email), password: Type.Optional(Password), roleIds: Type.Optional(RoleIds), storeIds: Type.Optional(StoreIds), ...ownDataPatch }),
      result: User, errors: ["not_found", "already_exists", "forbidden", "last_owner", "stale"],
    }),
    removeUser: action({ summary: "Archives a user and ends their sessions", rest: "DELETE /v1/users/:id", status: 204, permission: "auth.users.write", params: ById, result: Nothing, errors: ["not_found", "forbidden", "last_owner", "stale"] }),

    listRoles: action({ summary: "The roles of the tenant", rest: "GET /v1/roles", permission: "auth.roles.read", idempotent: true, params: Closed(listParams), result: List(Role), errors: ["invalid_cursor"] }),
    createRole: action({
      summary: "Adds a role", rest: "POST /v1/roles", status: 201, location: "/v1/roles/:id", permission: "auth.roles.write",
      params: Closed({ name: Name, permissions: Permissions, ...ownData }), result: Role, errors: ["already_exists", "forbidden", "unknown_permission"], example: { name: "Auditor", permissions: ["*.read"] },
    }),
    readRole: action({ summary: "One role", rest: "GET /v1/roles/:id", permission: "auth.roles.read", idempotent: true, params: ById, result: Role, errors: ["not_found"] }),
    changeRole: action({
      summary: "Changes a role; tokens that are out take the change up when they are renewed", rest: "PATCH /v1/roles/:id", permission: "auth.roles.write",
      params: Closed({ id: Id, name: Type.Optional(Name), permissions: Type.Optional(Permissions), ...ownDataPatch }), result: Role, errors: ["not_found", "already_exists", "forbidden", "unknown_permission", "built_in_role", "stale"],
    }),
    removeRole: action({ summary: "Removes a role that nobody has", rest: "DELETE /v1/roles/:id", status: 204, permission: "auth.roles.write", params: ById, result: Nothing, errors: ["not_found", "in_use", "forbidden", "built_in_role", "stale"] }),
    listPermissions: action({
      summary: "Every permission, with what it opens", rest: "GET /v1/permissions", permission: "auth.roles.read", idempotent: true, params: Closed({}),
      result: Closed({ data: Type.Array(Closed({ permission: Type.String(), endpoints: Type.Array(Closed({ method: Type.String(), path: Type.String(), summary: Type.String() })) })), nextCursor: Type.Null() }),
    }),

    listApiKeys: action({ summary: "API keys that are not revoked", rest: "GET /v1/api-keys", permission: "auth.apiKeys.read", idempotent: true, params: Closed(listParams), result: List(ApiKey), errors: ["invalid_cursor"] }),
    createApiKey: action({
      summary: "Makes an API key; its secret is shown here and never again", rest: "POST /v1/api-keys", status: 201, location: "/v1/api-keys/:id", permission: "auth.apiKeys.write",
      params: Closed({ name: Name, permissions: Permissions, expiresAt: Type.Optional(Instant), ...ownData }), result: Closed({ ...apiKey, secret: Type.String() }), errors: ["forbidden", "unknown_permission", "already_exists"],
      example: { name: "Web shop", permissions: ["order.orders.write"] },
    }),
    readApiKey: action({ summary: "One API key", rest: "GET /v1/api-keys/:id", permission: "auth.apiKeys.read", idempotent: true, params: ById, result: ApiKey, errors: ["not_found"] }),
    changeApiKey: action({
      summary: "Changes an API key", rest: "PATCH /v1/api-keys/:id", permission: "auth.apiKeys.write",
      params: Closed({ id: Id, name: Type.Optional(Name), permissions: Type.Optional(Permissions), expiresAt: Type.Optional(Nullable(Instant)), ...ownDataPatch }), result: ApiKey, errors: ["not_found", "forbidden", "unknown_permission", "already_exists", "stale"],
    }),
    removeApiKey: action({ summary: "Revokes an API key", rest: "DELETE /v1/api-keys/:id", status: 204, permission: "auth.apiKeys.write", params: ById, result: Nothing, errors: ["not_found", "forbidden", "stale"] }),

    listAuditLog: action({
      summary: "Who did what, when, from where; append-only. Sort by createdAt, the latest first", rest: "GET /v1/audit-log", permission: "auth.auditLog.read", idempotent: true,
      params: Closed({
        ...listParams, action: Type.Optional(Type.String({ maxLength: 100 })), actorId: Type.Optional(Type.String({ maxLength: 100 })), resourceId: Type.Optional(Type.String({ maxLength: 100 })),
        from: Type.Optional(Instant), to: Type.Optional(Instant),
      }),
      result: List(AuditEntry), errors: ["invalid_cursor"],
    }),
    verify: action({
      summary: "Walks the tenant's audit log from its first entry: nothing changed, nothing gone", permission: "internal", timeoutMs: AUDIT_MS, idempotent: true, params: Closed({}),
      result: Closed({ checks: Type.Array(Closed({ name: Type.String(), compared: Type.Integer(), differences: Type.Array(Type.Any()) })) }),
    }),
  },
  events: {},
});

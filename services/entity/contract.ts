import { Type } from "typebox";
import { action, contract, event } from "../../lib/contract.ts";
import { ownDataPatch } from "../../lib/patch-schemas.ts";
import { ById, Closed, Currency, Id, Instant, List, Name, Nothing, Nullable, OneOf, Pairs, Reference, listParams, ownData, ownDataOut, stamps } from "../../lib/schemas.ts";

const MODES = ["halfUp", "halfEven", "down"] as const, LEVELS = ["line", "unit", "order"] as const;
export const RoundingSettings = Closed({ mode: OneOf(MODES), level: OneOf(LEVELS) });
/** What a sale must know of the place where it happens. An archived store still answers, because goods that it sold may come back. */
const StoreContext = Closed({
  storeId: Id, code: Type.String(), storeName: Type.String(), timezone: Type.String(), currency: Currency, pricesIncludeTax: Type.Boolean(),
  cashRounding: Nullable(Type.Integer()), tenantName: Type.String(), country: Type.String(), rounding: RoundingSettings, archived: Type.Boolean(),
});

const Timezone = Type.String({ minLength: 1, maxLength: 60, description: "IANA name, as in Europe/Berlin" });
const Country = Type.String({ pattern: "^[A-Z]{2}$", description: "ISO 3166-1 alpha-2" });
const Code = Type.String({ minLength: 1, maxLength: 50, description: "unique per tenant" });
const Address = Pairs(Type.String({ maxLength: 200 }), { keyLength: 50, most: 20, description: "street, city, postalCode … as the receipt prints them" });
const CashRounding = Type.Integer({ minimum: 1, maximum: 10_000, description: "step in minor units" });
const archived = { archivedAt: Nullable(Instant) };

const Tenant = Closed({
  id: Id, name: Type.String(), slug: Type.String(), country: Type.String(), currency: Currency, timezone: Type.String(),
  settings: Closed({ rounding: RoundingSettings }), ...ownDataOut, ...stamps,
});
const Store = Closed({
  id: Id, code: Type.String(), name: Type.String(), timezone: Type.String(), currency: Currency, address: Nullable(Type.Record(Type.String(), Type.String())),
  pricesIncludeTax: Type.Boolean(), cashRounding: Nullable(Type.Integer()), ...ownDataOut, ...stamps, ...archived,
});
const register = { id: Id, storeId: Id, name: Type.String(), ...ownDataOut, ...stamps, ...archived };
const Register = Closed(register);

export const entityContract = contract("entity", "Tenants and stores", {
  actions: {
    getTenant: action({ summary: "The tenant of the credential", rest: "GET /v1/tenant", permission: "entity.tenant.read", idempotent: true, params: Closed({}), result: Tenant, errors: ["not_found"] }),
    updateTenant: action({
      summary: "Changes the own tenant; its slug stays", rest: "PATCH /v1/tenant", permission: "entity.tenant.write",
      params: Closed({
        name: Type.Optional(Name), country: Type.Optional(Country), currency: Type.Optional(Currency), timezone: Type.Optional(Timezone),
        settings: Type.Optional(Closed({ rounding: Type.Optional(Closed({ mode: Type.Optional(OneOf(MODES)), level: Type.Optional(OneOf(LEVELS)) })) })), ...ownDataPatch,
      }),
      result: Tenant, errors: ["stale", "invalid_timezone", "invalid_currency"], example: { settings: { rounding: { mode: "halfEven" } } },
    }),
    createStore: action({
      summary: "Opens a store; time zone and currency are the tenant's unless given", rest: "POST /v1/stores", status: 201, location: "/v1/stores/:id", permission: "entity.stores.write",
      params: Closed({
        code: Code, name: Name, timezone: Type.Optional(Timezone), currency: Type.Optional(Currency), address: Type.Optional(Address),
        pricesIncludeTax: Type.Optional(Type.Boolean()), cashRounding: Type.Optional(CashRounding), ...ownData,
      }),
      result: Store, errors: ["already_exists", "invalid_timezone", "invalid_currency"], example: { code: "MAIN", name: "Main Street", timezone: "Europe/Berlin", currency: "EUR" },
    }),
    getStore: action({ summary: "One store", rest: "GET /v1/stores/:id", permission: "entity.stores.read", idempotent: true, params: ById, result: Store, errors: ["not_found"] }),
    listStores: action({
      summary: "The stores that are not archived; sort by createdAt, name or code", rest: "GET /v1/stores", permission: "entity.stores.read", idempotent: true,
      params: Closed({ ...listParams, code: Type.Optional(Type.String({ maxLength: 50 })), reference: Type.Optional(Reference) }), result: List(Store), errors: ["invalid_cursor"],
    }),
    updateStore: action({
      summary: "Changes a store; its currency stays, because its books are kept in it", rest: "PATCH /v1/stores/:id", permission: "entity.stores.write",
      params: Closed({
        id: Id, code: Type.Optional(Code), name: Type.Optional(Name), timezone: Type.Optional(Timezone), address: Type.Optional(Nullable(Address)),
        pricesIncludeTax: Type.Optional(Type.Boolean()), cashRounding: Type.Optional(Nullable(CashRounding)), ...ownDataPatch,
      }),
      result: Store, errors: ["not_found", "stale", "already_exists", "invalid_timezone"], example: { cashRounding: 5 },
    }),
    deleteStore: action({ summary: "Archives a store: what it sold stays", rest: "DELETE /v1/stores/:id", status: 204, permission: "entity.stores.write", params: ById, result: Nothing, errors: ["not_found", "stale"] }),
    createRegister: action({
      summary: "Sets up a till; its device token is shown this once", rest: "POST /v1/registers", status: 201, location: "/v1/registers/:id", permission: "entity.registers.write",
      params: Closed({ storeId: Id, name: Name, ...ownData }), result: Closed({ ...register, deviceToken: Type.String() }), errors: ["not_found", "conflict", "already_exists"],
      example: { storeId: "0198c5f0-0000-7000-8000-000000000001", name: "Till 1" },
    }),
    getRegister: action({ summary: "One register", rest: "GET /v1/registers/:id", permission: "entity.registers.read", idempotent: true, params: ById, result: Register, errors: ["not_found"] }),
    listRegisters: action({
      summary: "The registers that are not archived; sort by createdAt or name", rest: "GET /v1/registers", permission: "entity.registers.read", idempotent: true,
      params: Closed({ ...listParams, storeId: Type.Optional(Id), reference: Type.Optional(Reference) }), result: List(Register), errors: ["invalid_cursor"],
    }),
    updateRegister: action({
      summary: "Changes a register; it stays in its store", rest: "PATCH /v1/registers/:id", permission: "entity.registers.write",
      params: Closed({ id: Id, name: Type.Optional(Name), ...ownDataPatch }), result: Register, errors: ["not_found", "stale", "already_exists"], example: { name: "Till 2" },
    }),
    deleteRegister: action({ summary: "Archives a register", rest: "DELETE /v1/registers/:id", status: 204, permission: "entity.registers.write", params: ById, result: Nothing, errors: ["not_found", "stale"] }),

    createTenant: action({
      summary: "Opens a tenant (called by sign-up with the id that it chose); the same id again changes nothing", permission: "internal",
      params: Closed({ id: Id, name: Type.String(), slug: Type.String(), country: Type.String(), currency: Type.String(), timezone: Type.String() }),
      result: Tenant, errors: ["slug_taken", "invalid_timezone", "invalid_currency", "invalid_request"],
    }),
    resolveSlug: action({ summary: "The tenant that a slug names", permission: "internal", idempotent: true, params: Closed({ slug: Type.String() }), result: Closed({ tenantId: Id }), errors: ["not_found"] }),
    storeContext: action({ summary: "What a sale must know of its store", permission: "internal", idempotent: true, params: Closed({ storeId: Id }), result: StoreContext, errors: ["not_found"] }),
    registerContext: action({ summary: "The store that a register stands in; an archived one answers too", permission: "internal", idempotent: true, params: Closed({ registerId: Id }), result: Closed({ registerId: Id, storeId: Id, name: Type.String(), archived: Type.Boolean() }), errors: ["not_found"] }),
  },
  events: {
    "entity.storeChanged": event({ summary: "A store was created or changed", data: Closed({ storeId: Id, code: Type.String(), name: Type.String(), timezone: Type.String(), currency: Currency }) }),
    "entity.registerChanged": event({ summary: "A register was created or changed", data: Closed({ registerId: Id, storeId: Id, name: Type.String() }) }),
  },
});

import { Type } from "typebox";
import { action, contract, event } from "../../lib/contract.ts";
import { Closed, Currency, Id, Nullable, OneOf } from "../../lib/schemas.ts";

export const RoundingSettings = Closed({ mode: OneOf(["halfUp", "halfEven", "down"]), level: OneOf(["line", "unit", "order"]) });
/** What a sale must know of the place where it happens. Cached by callers for a moment; `entity.changed` clears them. */
const StoreContext = Closed({
  storeId: Id, code: Type.String(), storeName: Type.String(), timezone: Type.String(), currency: Currency, pricesIncludeTax: Type.Boolean(),
  cashRounding: Nullable(Type.Integer()), tenantName: Type.String(), country: Type.String(), rounding: RoundingSettings,
});

export const entityContract = contract("entity", "Tenants and stores", {
  actions: {
    createTenant: action({
      summary: "Opens a tenant (called by sign-up with the id that it chose)", permission: "internal",
      params: Closed({ id: Id, name: Type.String(), slug: Type.String(), country: Type.String(), currency: Type.String(), timezone: Type.String() }),
      result: Type.Any(), errors: ["slug_taken", "invalid_timezone", "invalid_currency"],
    }),
    resolveSlug: action({ summary: "The tenant that a slug names", permission: "internal", idempotent: true, params: Closed({ slug: Type.String() }), result: Closed({ tenantId: Id }), errors: ["not_found"] }),
    storeContext: action({ summary: "What a sale must know of its store", permission: "internal", idempotent: true, params: Closed({ storeId: Id }), result: StoreContext, errors: ["not_found"] }),
    registerContext: action({ summary: "The store that a register stands in", permission: "internal", idempotent: true, params: Closed({ registerId: Id }), result: Closed({ registerId: Id, storeId: Id, name: Type.String() }), errors: ["not_found"] }),
  },
  events: {
    "entity.storeChanged": event({ summary: "A store was created or changed", data: Closed({ storeId: Id, code: Type.String(), name: Type.String(), timezone: Type.String(), currency: Currency }) }),
    "entity.registerChanged": event({ summary: "A register was created or changed", data: Closed({ registerId: Id, storeId: Id, name: Type.String() }) }),
  },
});

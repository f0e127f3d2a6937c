export const BUILT_IN_ROLES = ["owner", "manager", "cashier", "stock", "accountant", "viewer"] as const;
export type BuiltInRole = (typeof BUILT_IN_ROLES)[number];

/** What the roles that every tenant starts with may do. A manager runs the shop, but neither hands out new rights nor closes it. */
export const BUILT_IN_PERMISSIONS: Readonly<Record<BuiltInRole, readonly string[]>> = {
  owner: ["*"],
  manager: [
    "auth.users.*", "auth.roles.read", "auth.apiKeys.*", "entity.tenant.read", "entity.stores.*", "entity.registers.*",
    "catalog.*", "order.*", "payment.*", "purchasing.*", "report.*", "workflow.*",
  ],
  cashier: [
    "order.orders.read", "order.orders.write", "order.returns.write", "order.customers.read", "order.customers.write", "catalog.products.read", "catalog.categories.read", "catalog.inventory.read", "payment.payments.read",
    "entity.tenant.read", "entity.stores.read", "entity.registers.read",
  ],
  stock: ["catalog.*", "purchasing.*", "entity.tenant.read", "entity.stores.read"],
  accountant: ["*.read", "report.*", "platform.audit.read"],
  viewer: ["*.read"],
};

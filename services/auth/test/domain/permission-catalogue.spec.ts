import { describe, expect, it } from "@jest/globals";
import { BUILT_IN_PERMISSIONS } from "../../domain/built-in-roles.ts";
import { beyond, expand, firstUnknown } from "../../domain/permission-catalogue.ts";

const KNOWN = ["auth.roles.read", "auth.roles.write", "auth.users.read", "auth.users.write", "catalog.products.read", "catalog.products.write", "entity.tenant.write", "order.orders.read", "platform.audit.read"];

describe("permissions", () => {
  it.each([
    [["*"], KNOWN],
    [["*.read"], ["auth.roles.read", "auth.users.read", "catalog.products.read", "order.orders.read", "platform.audit.read"]],
    [["catalog.*"], ["catalog.products.read", "catalog.products.write"]],
    [["auth.users.*"], ["auth.users.read", "auth.users.write"]],
    [["cat.*", "catalog"], []],
    [[], []],
  ])("%j stands for %j", (held, all) => {
    expect(expand(held, KNOWN)).toEqual(all);
  });

  it.each([
    [["*"], ["*", "*.read", "catalog.*"], undefined],
    [["catalog.*"], ["catalog.products.*", "catalog.products.read"], undefined],
    [["*.read"], ["catalog.products.read", "*.read"], undefined],
    [["catalog.*"], ["catalog.products.read", "*.read"], "*.read"],
    [["catalog.products.read", "catalog.products.write"], ["catalog.*"], "catalog.*"],
    [["*.read"], ["*"], "*"],
    [["catalog.*"], ["catalogue.products.read"], "catalogue.products.read"],
    [[], [], undefined],
  ])("who holds %j and gives %j goes beyond with %s", (held, wanted, first) => {
    expect(beyond(held, wanted)).toBe(first);
  });

  it.each([[["*", "*.read", "catalog.*"], -1], [["catalog.products.read", "catalog.product.read"], 1], [["shop.*"], 0], [["*.fly"], 0]])("of %j the unknown one is at %d", (wanted, at) => {
    expect(firstUnknown(wanted, KNOWN)).toBe(at);
  });
});

describe("the built-in roles", () => {
  it.each([
    ["manager", ["auth.roles.write", "entity.tenant.write", "platform.audit.read"]],
    ["cashier", ["auth.users.read", "auth.users.write", "catalog.products.write", "platform.audit.read", "auth.roles.read"]],
    ["stock", ["order.orders.read", "auth.users.read"]],
    ["accountant", ["catalog.products.write", "auth.roles.write", "entity.tenant.write"]],
    ["viewer", ["catalog.products.write", "auth.roles.write", "entity.tenant.write"]],
  ] as const)("%s has none of %j", (role, never) => {
    const held = expand(BUILT_IN_PERMISSIONS[role], KNOWN);
    expect(never.filter((permission) => held.includes(permission))).toEqual([]);
  });
});

import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { routeOf, type ActionContract } from "../../lib/contract.ts";
import { contracts } from "../../services/contracts.ts";
import { Client, openShop } from "../../scripts/client.ts";
import { startTestPlatform, type TestPlatform } from "../support/platform.ts";
import { cashSale, eur, everyOrder, onHand, stockedShop, type Shop } from "../support/shop.ts";

/* The matrix: every route against own, other and none. Alder has one of everything; Birch knows its ids. */

const routes = contracts.flatMap((contract) => Object.entries(contract.actions)
  .filter(([, action]) => action.rest)
  .map(([name, action]) => ({ name: `${contract.name}.${name}`, action: action as ActionContract, ...routeOf(action.rest!) })));

let platform: TestPlatform, alder: Shop, birch: Client, nobody: Client, powerless: Client;
/** One of Alder's ids for each collection of the API. */
const ids: Record<string, string> = {};

beforeAll(async () => {
  platform = await startTestPlatform();
  alder = await stockedShop(platform.baseUrl, { name: "Alder", stock: { "MUG-RED": 100 } });
  birch = (await openShop(platform.baseUrl, { name: "Birch" })).client;
  nobody = new Client(platform.baseUrl);
  await fill();
}, 120_000);
afterAll(() => platform.stop());

async function fill(): Promise<void> {
  const { client, storeId } = alder;
  const make = async (collection: string, body: unknown) => { ids[collection] = (await client.post(`/v1/${collection}`, body)).id; };
  ids.stores = storeId;
  await make("registers", { storeId, name: "Till 1" });
  await make("categories", { name: "Mugs" });
  await make("customers", { name: "Carla" });
  await make("suppliers", { name: "Potter" });
  await make("roles", { name: "helper", permissions: ["catalog.products.read"] });
  await make("users", { name: "Uwe", email: "uwe@alder.example", password: "correct horse battery", roleIds: [ids.roles] });
  await client.post("/v1/users", { name: "Nina", email: "nina@alder.example", password: "correct horse battery", roleIds: [] });
  powerless = new Client(platform.baseUrl, (await nobody.post("/v1/auth/login", { email: "nina@alder.example", password: "correct horse battery" })).tokens.accessToken);
  ids["tax-rates"] = (await client.get("/v1/tax-rates")).data[0].id;
  const [product] = (await client.get("/v1/products")).data;
  ids.products = product.id;
  ids.variants = product.variants[0].id;
  ids.orders = (await client.post("/v1/orders", cashSale(alder, { "MUG-RED": 2 }))).id;
  ids.payments = (await client.get(`/v1/payments?orderId=${ids.orders}`)).data[0].id;
  await make("purchase-orders", { supplierId: ids.suppliers, storeId, lines: [{ variantId: alder.variants["MUG-RED"], quantity: 5, unitCost: eur(300) }] });
}

const bodyFor = (path: string): unknown => ({
  "/v1/orders/:id/returns": { lines: [{ lineId: ids.orders, quantity: 1, restock: true }], reason: "x", refund: { method: "cash" } },
  "/v1/orders/:id/cancel": {},
  "/v1/payments/:id/refunds": { reason: "x" },
  "/v1/purchase-orders/:id/receipts": { lines: [{ lineId: ids.orders, quantity: 1 }] },
})[path] ?? {};

const withId = routes.filter((route) => route.pathParams.includes("id") && collectionOf(route.path) in known());
function collectionOf(path: string): string { return path.split("/")[2]!; }
function known(): Record<string, true> { return Object.fromEntries(["stores", "registers", "categories", "customers", "suppliers", "roles", "users", "tax-rates", "products", "variants", "orders", "payments", "purchase-orders"].map((name) => [name, true])); }

const path = (route: { path: string }) => route.path.replace(":id", ids[collectionOf(route.path)]!);
const send = (client: Client, route: { method: string; path: string }) => client.send(route.method, path(route), ["GET", "DELETE"].includes(route.method) ? undefined : bodyFor(route.path));

describe("a route that names an id", () => {
  it.each(withId.map((route) => [`${route.method} ${route.path}`, route] as const))("%s answers another tenant as if there were no such id", async (_, route) => {
    await expect(send(birch, route)).rejects.toMatchObject({ status: 404, code: "not_found" });
  });

  it("left Alder as it was", async () => {
    expect(await everyOrder(alder)).toHaveLength(1);
    expect(await onHand(alder, "MUG-RED")).toBe(98);
    for (const [collection, id] of Object.entries(ids)) expect((await alder.client.get(`/v1/${collection}/${id}`)).id).toBe(id);
  });
});

describe("a body that names another tenant's id", () => {
  it.each([
    ["POST", "/v1/orders", () => cashSale(alder, { "MUG-RED": 1 })],
    ["POST", "/v1/orders/quote", () => ({ ...cashSale(alder, { "MUG-RED": 1 }) })],
    ["POST", "/v1/registers", () => ({ storeId: alder.storeId, name: "Till" })],
    ["POST", "/v1/inventory/adjustments", () => ({ storeId: alder.storeId, reason: "count", lines: [{ variantId: alder.variants["MUG-RED"], quantity: 1 }] })],
    ["POST", "/v1/products", () => ({ name: "X", categoryId: ids.categories, variants: [{ sku: "X", price: eur(1) }] })],
    ["POST", "/v1/purchase-orders", () => ({ supplierId: ids.suppliers, storeId: alder.storeId, lines: [{ variantId: alder.variants["MUG-RED"], quantity: 1, unitCost: eur(1) }] })],
  ] as const)("%s %s is a 404", async (method, where, body) => {
    await expect(birch.send(method, where, body())).rejects.toMatchObject({ status: 404, code: "not_found" });
    expect(await onHand(alder, "MUG-RED")).toBe(98);
  });
});

describe("every route", () => {
  const closed = routes.filter((route) => route.action.permission !== "public");

  it.each(closed.map((route) => [`${route.method} ${route.path}`, route] as const))("%s answers nobody without a credential", async (_, route) => {
    const filled = route.path.replaceAll(/:[a-zA-Z]+/g, alder.storeId);
    await expect(nobody.send(route.method, filled, ["GET", "DELETE"].includes(route.method) || route.action.consumes ? undefined : {})).rejects.toMatchObject({ status: 401 });
  });

  it.each(withId.filter((route) => !["public", "authenticated"].includes(route.action.permission)).map((route) => [`${route.method} ${route.path}`, route] as const))("%s needs its permission", async (_, route) => {
    await expect(send(powerless, route)).rejects.toMatchObject({ status: 403, code: "forbidden" });
  });

  it("lists only the tenant's own", async () => {
    for (const route of routes.filter(({ method, path: p, pathParams }) => method === "GET" && pathParams.length === 0 && /^\/v1\/[a-z-]+$/.test(p))) {
      const text = JSON.stringify((await birch.send(route.method, route.path).catch((error: { status: number }) => { expect(error.status).toBeLessThan(500); return { body: {} }; })).body);
      for (const id of Object.values(ids)) expect(text).not.toContain(id);
    }
  });
});

describe("a cursor", () => {
  it("of one tenant is refused for another", async () => {
    for (const name of ["A", "B"]) await alder.client.post("/v1/categories", { name });
    const { nextCursor } = await alder.client.get("/v1/categories?limit=1");
    await expect(birch.get(`/v1/categories?limit=1&cursor=${encodeURIComponent(nextCursor)}`)).rejects.toMatchObject({ status: 400, code: "invalid_cursor" });
  });
});

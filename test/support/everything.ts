import { importFile } from "./imports.ts";
import { cashSale, eur, stockedShop, type Shop } from "./shop.ts";
import { until } from "./until.ts";
import type { TestPlatform } from "./platform.ts";

/** A shop that has one of everything. `ids` by collection: the segment of the path before the id, `purchase-orders`. */
export interface Everything extends Shop { readonly ids: Readonly<Record<string, string>> }

export async function shopWithEverything(platform: TestPlatform, name: string): Promise<Everything> {
  const shop = await stockedShop(platform.baseUrl, { name, stock: { MUG: 100 } });
  const { client, storeId, variants } = shop, slug = (await client.get("/v1/tenant")).slug as string;
  const ids: Record<string, string> = { stores: storeId, variants: variants.MUG! };
  const make = async (collection: string, body: unknown) => { ids[collection] = (await client.post(`/v1/${collection}`, body)).id; };
  await make("registers", { storeId, name: "Till 1" });
  await make("categories", { name: "Mugs" });
  await make("customers", { name: "Carla" });
  await make("suppliers", { name: "Potter" });
  await make("roles", { name: "helper", permissions: ["catalog.products.read"] });
  await make("users", { name: "Uwe", email: `uwe@${slug}.example`, password: "correct horse battery", roleIds: [ids.roles] });
  await make("api-keys", { name: "Till", permissions: ["catalog.products.read"] });
  await make("import-mappings", { name: "ours", type: "suppliers", columns: { name: "Company" } });
  ids["tax-rates"] = (await client.get("/v1/tax-rates")).data[0].id;
  ids.products = (await client.get("/v1/products")).data[0].id;
  ids.adjustments = (await client.get("/v1/inventory/adjustments")).data[0].id;
  ids.imports = (await importFile(client, "type=suppliers&mapping=ours", "Company\nWeaver\n")).id;
  await sell(shop, ids);
  await buy(shop, make, ids);
  await alarm(shop, ids);
  await platform.quiesce();
  return { ...shop, ids };
}

async function sell(shop: Shop, ids: Record<string, string>): Promise<void> {
  const { client } = shop, order = await client.post("/v1/orders", cashSale(shop, { MUG: 2 }));
  ids.orders = order.id;
  ids.lines = order.lines[0].id;
  await client.post(`/v1/orders/${order.id}/returns`, { lines: [{ lineId: ids.lines, quantity: 1 }], reason: "chipped" });
  const [payment] = (await client.get(`/v1/payments?orderId=${order.id}`)).data;
  ids.payments = payment.id;
  ids.refunds = (await client.post(`/v1/payments/${payment.id}/refunds`, { amount: eur(1), reason: "sorry" })).id;
}

async function buy({ client, storeId, variants }: Shop, make: (collection: string, body: unknown) => Promise<void>, ids: Record<string, string>): Promise<void> {
  await make("purchase-orders", { supplierId: ids.suppliers, storeId, lines: [{ variantId: variants.MUG, quantity: 5, unitCost: eur(300) }] });
  const { lines: [line] } = await client.post(`/v1/purchase-orders/${ids["purchase-orders"]}/send`, {});
  ids["goods-receipts"] = (await client.post(`/v1/purchase-orders/${ids["purchase-orders"]}/receipts`, { lines: [{ lineId: line.id, quantity: 2 }] })).id;
}

/** A variant that is low: a run, a notification and a mail. */
async function alarm({ client, storeId, variants }: Shop, ids: Record<string, string>): Promise<void> {
  ids.workflows = (await client.get("/v1/workflows")).data[0].id;
  await client.patch(`/v1/variants/${variants.MUG}`, { reorderPoint: 95 });
  await client.post("/v1/inventory/adjustments", { storeId, reason: "count", lines: [{ variantId: variants.MUG, quantity: -20 }] });
  await until(async () => (await client.get(`/v1/workflows/${ids.workflows}/runs`)).data[0]?.status === "completed");
  ids.runs = (await client.get(`/v1/workflows/${ids.workflows}/runs`)).data[0].id;
  ids.notifications = (await client.get("/v1/notifications")).data[0].id;
}

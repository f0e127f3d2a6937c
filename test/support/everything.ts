import { importFile } from "./imports.ts";
import type { TestPlatform } from "./platform.ts";
import { cashSale, eur, stockedShop, type Shop } from "./shop.ts";
import { until } from "./until.ts";

/** A shop that has two of everything. `ids` holds one of each by its collection: the segment of the path before the id, `purchase-orders`. */
export interface Everything extends Shop { readonly ids: Readonly<Record<string, string>> }

type Ids = Record<string, string>;

export async function shopWithEverything(platform: TestPlatform, name: string): Promise<Everything> {
  const shop = await stockedShop(platform.baseUrl, { name, stock: { MUG: 100, CUP: 100 } });
  const ids: Ids = { stores: shop.storeId, variants: shop.variants.MUG! };
  for (const which of ["first", "second"]) {
    await furnish(shop, ids, which);
    await sell(shop, ids);
    await buy(shop, ids);
  }
  await alarm(shop, ids);
  await platform.quiesce();
  return { ...shop, ids };
}

const make = async ({ client }: Shop, ids: Ids, collection: string, body: unknown) => { ids[collection] = (await client.post(`/v1/${collection}`, body)).id; };

/** What stands by itself. */
async function furnish(shop: Shop, ids: Ids, which: string): Promise<void> {
  const { client, storeId, variants } = shop, { slug } = await client.get("/v1/tenant");
  await client.post("/v1/stores", { code: which, name: which });
  await make(shop, ids, "registers", { storeId, name: which });
  await make(shop, ids, "categories", { name: which });
  await make(shop, ids, "tax-rates", { name: which, percent: 7 });
  await make(shop, ids, "customers", { name: which });
  await make(shop, ids, "suppliers", { name: which });
  await make(shop, ids, "roles", { name: which, permissions: ["catalog.products.read"] });
  await make(shop, ids, "users", { name: which, email: `${which}@${slug}.example`, password: "correct horse battery", roleIds: [ids.roles] });
  await make(shop, ids, "api-keys", { name: which, permissions: ["catalog.products.read"] });
  await make(shop, ids, "import-mappings", { name: which, type: "suppliers", columns: { name: "Company" } });
  ids.products = (await client.get(`/v1/variants/${variants.MUG}`)).productId;
  ids.adjustments = (await client.post("/v1/inventory/adjustments", { storeId, reason: "count", lines: [{ variantId: variants.MUG, quantity: 1 }] })).id;
  ids.imports = (await importFile(client, `type=suppliers&mapping=${which}`, "Company\nWeaver\n")).id;
}

async function sell(shop: Shop, ids: Ids): Promise<void> {
  const { client } = shop, order = await client.post("/v1/orders", cashSale(shop, { MUG: 2 }));
  ids.orders = order.id;
  ids.lines = order.lines[0].id;
  await client.post(`/v1/orders/${order.id}/returns`, { lines: [{ lineId: ids.lines, quantity: 1 }], reason: "chipped" });
  const [payment] = (await client.get(`/v1/payments?orderId=${order.id}`)).data;
  ids.payments = payment.id;
  ids.refunds = (await client.post(`/v1/payments/${payment.id}/refunds`, { amount: eur(1), reason: "sorry" })).id;
}

async function buy(shop: Shop, ids: Ids): Promise<void> {
  const { client, storeId, variants } = shop;
  await make(shop, ids, "purchase-orders", { supplierId: ids.suppliers, storeId, lines: [{ variantId: variants.MUG, quantity: 5, unitCost: eur(300) }] });
  const { lines: [line] } = await client.post(`/v1/purchase-orders/${ids["purchase-orders"]}/send`, {});
  ids["purchase-lines"] = line.id;
  for (const quantity of [1, 2]) ids["goods-receipts"] = (await client.post(`/v1/purchase-orders/${ids["purchase-orders"]}/receipts`, { lines: [{ lineId: line.id, quantity }] })).id;
}

/** Two variants that are low: a run, a notification and a mail for each. */
async function alarm({ client, storeId, variants }: Shop, ids: Ids): Promise<void> {
  ids.workflows = (await client.get("/v1/workflows")).data[0].id;
  const runs = async () => (await client.get(`/v1/workflows/${ids.workflows}/runs`)).data as { id: string; status: string }[];
  for (const variantId of [variants.MUG, variants.CUP]) {
    await client.patch(`/v1/variants/${variantId}`, { reorderPoint: 90 });
    await client.post("/v1/inventory/adjustments", { storeId, reason: "count", lines: [{ variantId, quantity: -50 }] });
  }
  await until(async () => (await runs()).filter(({ status }) => status === "completed").length === 2);
  ids.runs = (await runs())[0]!.id;
  ids.notifications = (await client.get("/v1/notifications")).data[0].id;
}

import { openShop, type Client } from "../../scripts/client.ts";

export interface Shop { readonly client: Client; readonly storeId: string; readonly variants: Readonly<Record<string, string>> }

export const eur = (amount: number) => ({ amount, currency: "EUR" });

/** A tenant with one store and these SKUs on its shelf, every one at 10.99 EUR with 19 % VAT inside. */
export async function stockedShop(base: string, given: { name?: string; stock: Record<string, number>; store?: Record<string, unknown> }): Promise<Shop> {
  const { client, storeId } = await openShop(base, { name: given.name ?? "Alder", ...(given.store ? { store: given.store } : {}) });
  const vat = await client.post("/v1/tax-rates", { name: "VAT", percent: 19 });
  const variants: Record<string, string> = {};
  for (const sku of Object.keys(given.stock)) {
    const product = await client.post("/v1/products", { name: sku, taxRateId: vat.id, variants: [{ sku, price: eur(1099), cost: eur(400) }] });
    variants[sku] = product.variants[0].id;
  }
  const lines = Object.entries(given.stock).filter(([, quantity]) => quantity > 0).map(([sku, quantity]) => ({ variantId: variants[sku], quantity, unitCost: eur(400) }));
  if (lines.length) await client.post("/v1/inventory/adjustments", { storeId, reason: "opening", lines });
  return { client, storeId, variants };
}

export const cashSale = (shop: Shop, lines: Record<string, number>) => ({
  storeId: shop.storeId, channel: "pos", lines: Object.entries(lines).map(([sku, quantity]) => ({ variantId: shop.variants[sku], quantity })), payments: [{ method: "cash", tendered: eur(100_000) }],
});

export const cardSale = (shop: Shop, lines: Record<string, number>, number = "4242424242424242") => ({ ...cashSale(shop, lines), channel: "web", payments: [{ method: "card", card: { number } }] });

/** What is on hand of one SKU. */
export async function onHand(shop: Shop, sku: string): Promise<number> {
  const { data } = await shop.client.get(`/v1/inventory/levels?storeId=${shop.storeId}&variantId=${shop.variants[sku]}`);
  return data[0]?.onHand ?? 0;
}

export async function level(shop: Shop, sku: string): Promise<{ onHand: number; reserved: number; available: number }> {
  const { data } = await shop.client.get(`/v1/inventory/levels?storeId=${shop.storeId}&variantId=${shop.variants[sku]}`);
  return data[0];
}

export async function everyOrder(shop: Shop): Promise<Record<string, any>[]> {
  const orders: Record<string, any>[] = [];
  for (let cursor = ""; ;) {
    const page = await shop.client.get(`/v1/orders?limit=200${cursor ? `&cursor=${cursor}` : ""}`);
    orders.push(...page.data);
    if (!page.nextCursor) return orders;
    cursor = encodeURIComponent(page.nextCursor);
  }
}

import { randomUUID } from "node:crypto";
import { openShop, type Client } from "../scripts/client.ts";
import type { Server } from "./measure.ts";

const PRODUCTS = 250, VARIANTS_EACH = 4;
const eur = (amount: number) => ({ amount, currency: "EUR" });

export interface Shop { client: Client; storeId: string; variants: { id: string; price: number }[]; productIds: string[] }

export const pick = <T>(list: readonly T[]): T => list[Math.floor(Math.random() * list.length)]!;
export const target = (server: Server, shop: Shop) => ({ base: server.base, token: shop.client.token! });

/** A tenant with 1,000 variants, and more of each on the shelf than a bench sells. */
export async function stockShop(server: Pick<Server, "base">): Promise<Shop> {
  const { client, storeId } = await openShop(server.base, { name: "Bench" });
  const tax = await client.post("/v1/tax-rates", { name: "VAT", percent: 19 });
  const shop: Shop = { client, storeId, variants: [], productIds: [] };
  for (let n = 0; n < PRODUCTS; n++) {
    const variants = Array.from({ length: VARIANTS_EACH }, (_, v) => ({ sku: `B-${n}-${v}`, name: `Size ${v}`, options: { size: String(v) }, price: eur(500 + 37 * n % 4000), cost: eur(200) }));
    const product = await client.post("/v1/products", { name: `Bench product ${n}`, taxRateId: tax.id, options: [{ name: "size", values: ["0", "1", "2", "3"] }], variants });
    shop.productIds.push(product.id);
    for (const variant of product.variants) shop.variants.push({ id: variant.id, price: variant.price.amount });
  }
  for (let at = 0; at < shop.variants.length; at += 250) {
    await client.post("/v1/inventory/adjustments", { storeId, reason: "opening", lines: shop.variants.slice(at, at + 250).map(({ id }) => ({ variantId: id, quantity: 1_000_000, unitCost: eur(200) })) });
  }
  return shop;
}

/** Three distinct variants for cash, with an Idempotency-Key as a till sends it. */
export function sale(shop: Shop) {
  return () => {
    const basket = new Map<string, number>();
    while (basket.size < 3) { const { id, price } = pick(shop.variants); basket.set(id, price); }
    const lines = [...basket.keys()].map((variantId) => ({ variantId, quantity: 1 }));
    return { method: "POST", path: "/v1/orders", key: randomUUID(), body: JSON.stringify({ storeId: shop.storeId, channel: "pos", lines, payments: [{ method: "cash", tendered: eur(20_000) }] }) };
  };
}

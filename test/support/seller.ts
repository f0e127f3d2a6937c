import { newId } from "../../lib/ids.ts";
import { cardSale, cashSale, type Shop } from "./shop.ts";

export interface Sale { readonly id: string; readonly key: string; readonly body: object; readonly sentAt: number; answeredAt?: number; total?: number }

/** Tills that sell one MUG-RED after the other, half of them by card, until they are stopped. */
export function startSelling(shop: Shop, tills: number): { readonly sales: readonly Sale[]; stop(): Promise<void> } {
  const sales: Sale[] = [];
  let stopping = false;
  const till = async (number: number) => {
    while (!stopping) {
      const id = newId(), sold = number % 2 ? cashSale(shop, { "MUG-RED": 1 }) : cardSale(shop, { "MUG-RED": 1 });
      const sale: Sale = { id, key: newId(), body: { id, ...sold }, sentAt: Date.now() };
      sales.push(sale);
      const order = await sell(shop, sale).catch(() => undefined);
      if (order) Object.assign(sale, { answeredAt: Date.now(), total: order.total.amount });
    }
  };
  const selling = Array.from({ length: tills }, (_, number) => till(number));
  return { sales, stop: async () => { stopping = true; await Promise.all(selling); } };
}

/** Sends it, or sends it again. */
export const sell = (shop: Shop, sale: Sale): Promise<Record<string, any>> => shop.client.post("/v1/orders", sale.body, { "idempotency-key": sale.key });

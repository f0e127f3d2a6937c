import type { ServiceSchema } from "moleculer";
import { newId } from "../../../../lib/ids.ts";
import { refuse } from "../../../../lib/errors.ts";
import { startTestPlatform, type TestPlatform } from "../../../../test/support/platform.ts";

/** The catalog alone, with the two stores that `entity` would know: alder's and birch's. */
export interface Shop extends TestPlatform { readonly alder: string; readonly birch: string; readonly store: string; readonly birchStore: string }

export async function openShop(): Promise<Shop> {
  const platform = await startTestPlatform({ services: ["catalog"] });
  const alder = newId(), birch = newId(), store = newId(), birchStore = newId();
  const owners = new Map([[store, alder], [birchStore, birch]]);
  platform.broker.createService({
    name: "entity",
    actions: {
      storeContext: {
        permission: "internal",
        handler(ctx: { params: { storeId: string }; locals: { identity: { tenantId: string } } }) {
          if (owners.get(ctx.params.storeId) !== ctx.locals.identity.tenantId) throw refuse.not_found();
          return { storeId: ctx.params.storeId };
        },
      },
    },
  } as unknown as ServiceSchema);
  await platform.broker.waitForServices("entity");
  return Object.assign(platform, { alder, birch, store, birchStore });
}

export const eur = (amount: number) => ({ amount, currency: "EUR" });

interface Extra { cost?: number; trackStock?: boolean; allowNegative?: boolean; reorderPoint?: number }
/** A product of one variant, with so much of it on hand. @returns the variant's id */
export async function stocked(shop: Shop, sku: string, quantity: number, { cost = 500, ...extra }: Extra = {}): Promise<string> {
  const owner = shop.actor(shop.alder);
  const product = await owner.call("catalog.createProduct", { name: sku, variants: [{ sku, price: eur(1099), cost: eur(cost), ...extra }] });
  const variantId = product.variants[0]!.id;
  if (quantity > 0) await owner.call("catalog.createAdjustment", { storeId: shop.store, reason: "opening", lines: [{ variantId, quantity, unitCost: eur(cost) }] });
  return variantId;
}

export async function levelOf(shop: Shop, variantId: string) {
  const { data } = await shop.actor(shop.alder).call("catalog.listLevels", { variantId });
  return data[0]!;
}

/** The ledger and the levels agree: asked at the end of every test of stock. */
export async function differences(shop: Shop): Promise<unknown[]> {
  const { checks } = await shop.service("order", shop.alder).call("catalog.verify", {});
  return checks.flatMap((check) => check.differences);
}

import type { Context, ServiceSchema } from "moleculer";
import { refuse } from "../../../lib/errors.ts";
import { newId } from "../../../lib/ids.ts";
import { startTestPlatform, type TestPlatform } from "../../../test/support/platform.ts";

export interface Booking { documentId: string; storeId: string; lines: { variantId: string; quantityThousandths: number; valueMinor: number }[] }

/** A catalog that can be told to fail, and remembers what it booked; idempotent by document as the real one. */
export class FakeCatalog {
  readonly booked = new Map<string, Booking>();
  readonly variants = new Set<string>();
  calls = 0;
  /** What the next calls of receiveStock throw, each once. */
  failures: Error[] = [];
  /** The call books and then throws: its outcome is unknown to the caller. */
  failAfter = false;

  variant(): string {
    const id = newId();
    this.variants.add(id);
    return id;
  }

  schema(): ServiceSchema {
    return {
      name: "catalog",
      actions: {
        describeVariants: { permission: "internal", handler: (ctx: Context<{ variantIds: string[] }>) => this.#describe(ctx.params.variantIds) },
        receiveStock: { permission: "internal", handler: (ctx: Context<Booking>) => this.#receive(ctx.params) },
      },
    } as unknown as ServiceSchema;
  }

  #describe(variantIds: string[]) {
    if (!variantIds.every((id) => this.variants.has(id))) throw refuse.not_found();
    return { variants: variantIds.map((variantId) => ({ variantId, productId: newId(), sku: "MUG-RED", name: "Mug, red", currency: "EUR" })) };
  }

  #receive(booking: Booking) {
    this.calls++;
    const failure = this.failures.shift();
    if (failure && !this.failAfter) throw failure;
    if (!this.booked.has(booking.documentId)) this.booked.set(booking.documentId, booking);
    if (failure) throw failure;
    return {};
  }
}

export interface Shop { tenantId: string; storeId: string; supplierId: string }

export async function startPurchasing(): Promise<{ platform: TestPlatform; catalog: FakeCatalog }> {
  const platform = await startTestPlatform({ services: ["entity", "purchasing"] });
  const catalog = new FakeCatalog();
  platform.broker.createService(catalog.schema());
  await platform.broker.waitForServices(["catalog"]);
  return { platform, catalog };
}

export async function openShop(platform: TestPlatform, currency = "EUR"): Promise<Shop> {
  const tenantId = newId();
  await platform.service("auth", tenantId).call("entity.createTenant", { id: tenantId, name: "Shop", slug: `s-${tenantId}`, country: "DE", currency, timezone: "Europe/Berlin" });
  const store = await platform.actor(tenantId).call("entity.createStore", { code: "MAIN", name: "Main" });
  const supplier = await platform.actor(tenantId).call("purchasing.createSupplier", { name: "Exotic Liquids" });
  return { tenantId, storeId: store.id, supplierId: supplier.id };
}

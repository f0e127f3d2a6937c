import type { ServiceSchema } from "moleculer";
import type { ServiceBroker } from "moleculer";
import { refusals } from "../../../lib/errors.ts";
import { newId } from "../../../lib/ids.ts";

/** The services that a sale asks, as small as can be: they record what they are asked and, at the step named, refuse, fail or answer too late. */
export type Deed = "refuse" | "lose" | "away";
export interface Stubs {
  /** Names of the internal actions called, in their order. */
  readonly calls: string[];
  readonly params: Record<string, unknown>[];
  fail(action: string, deed: Deed, times?: number): void;
  /** What is looked at while the action is under way. */
  during(action: string, look: () => Promise<unknown>): void;
  reset(): void;
}
export const store = { storeId: newId(), code: "S1", storeName: "Main street", timezone: "Europe/Berlin", currency: "EUR", pricesIncludeTax: true, cashRounding: null as number | null, tenantName: "Alder", country: "DE", rounding: { mode: "halfUp", level: "line" }, archived: false };
export const till = { registerId: newId(), storeId: store.storeId, name: "Till 1", archived: false };
export const mug = { variantId: newId(), productId: newId(), categoryId: null, categoryName: null, sku: "MUG-RED", name: "Mug, red", unitPriceMinor: 1099, currency: "EUR", trackStock: true, taxes: [{ name: "VAT", ratePpm: 190_000, compound: false }] };

const no = refusals({
  out_of_stock: { status: 409, title: "short", remedy: "" }, payment_declined: { status: 402, title: "declined", remedy: "" }, refund_refused: { status: 422, title: "refused", remedy: "" },
  not_found: { status: 404, title: "missing", remedy: "" }, unavailable: { status: 503, title: "away", remedy: "", retryable: true },
});
const REFUSALS: Record<string, keyof typeof no> = { "catalog.reserveStock": "out_of_stock", "catalog.takeStock": "out_of_stock", "payment.authorize": "payment_declined", "payment.capture": "payment_declined", "payment.refundOrder": "refund_refused", "catalog.commitStock": "not_found", "catalog.releaseStock": "not_found", "payment.settle": "not_found" };

interface Asked { lines?: { variantId: string; quantityThousandths: number }[]; payments?: { id: string; method: string; amountMinor: number }[]; storeId?: string; registerId?: string; variantIds?: string[]; orderId?: string; amountMinor?: number }

export async function startStubs(broker: ServiceBroker): Promise<Stubs> {
  const calls: string[] = [], params: Record<string, unknown>[] = [];
  const faults = new Map<string, { deed: Deed; times: number }>();
  const looks = new Map<string, () => Promise<unknown>>();
  const basket = new Map<string, Asked["lines"]>();
  const issued = (orderId: string) => ({ lines: (basket.get(orderId) ?? []).map(({ variantId, quantityThousandths }) => ({ variantId, quantityThousandths, costMinor: Math.round(quantityThousandths * 0.4) })) });
  const made = (asked: Asked) => ({ payments: (asked.payments ?? []).map(({ id, method, amountMinor }) => ({ id, method, amountMinor, status: "captured", providerRef: null })) });
  const step = (name: string, answer: (asked: Asked) => unknown) => ({
    permission: "internal",
    async handler(ctx: { params: Asked }) {
      calls.push(name);
      params.push(ctx.params as Record<string, unknown>);
      await looks.get(name)?.();
      const fault = faults.get(name);
      const acts = fault && fault.times-- > 0 ? fault.deed : undefined;
      if (acts === "refuse") throw no[REFUSALS[name] ?? "unavailable"]();
      if (acts === "away") throw no.unavailable();
      const result = answer(ctx.params);
      // Done, but the answer is lost: the caller must ask again with the same id.
      if (acts === "lose") throw no.unavailable();
      return result;
    },
  });
  const keep = (asked: Asked) => { basket.set(asked.orderId!, asked.lines); return {}; };
  const services: ServiceSchema[] = [
    { name: "entity", actions: {
      storeContext: { permission: "internal", handler: (ctx: { params: Asked }) => { if (ctx.params.storeId !== store.storeId) throw no.not_found(); return store; } },
      registerContext: { permission: "internal", handler: (ctx: { params: Asked }) => { if (ctx.params.registerId !== till.registerId) throw no.not_found(); return till; } },
    } },
    { name: "catalog", actions: {
      priceLines: { permission: "internal", handler(ctx: { params: Asked }) {
        const missing = ctx.params.variantIds!.filter((id) => id !== mug.variantId);
        if (missing.length > 0) throw no.not_found("There is no such variant", { variantIds: missing });
        return { variants: [mug] };
      } },
      takeStock: step("catalog.takeStock", (asked) => { keep(asked); return issued(asked.orderId!); }), reserveStock: step("catalog.reserveStock", keep),
      releaseStock: step("catalog.releaseStock", () => ({})), commitStock: step("catalog.commitStock", (asked) => issued(asked.orderId!)), returnStock: step("catalog.returnStock", () => ({})),
    } },
    { name: "payment", actions: {
      settle: step("payment.settle", made), authorize: step("payment.authorize", made), capture: step("payment.capture", made), void: step("payment.void", () => ({})),
      refundOrder: step("payment.refundOrder", (asked) => ({ amountMinor: asked.amountMinor, roundingMinor: 0, parts: [] })),
    } },
  ] as never;
  for (const service of services) broker.createService(service);
  await broker.waitForServices(["entity", "catalog", "payment"]);
  return {
    calls, params,
    fail: (action, deed, times = 1) => { faults.set(action, { deed, times }); },
    during: (action, look) => { looks.set(action, look); },
    reset() { calls.length = 0; params.length = 0; faults.clear(); looks.clear(); },
  };
}

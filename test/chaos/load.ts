import { newId } from "../../lib/ids.ts";
import type { Shop } from "../support/shop.ts";
import { cardSale, cashSale } from "../support/shop.ts";
import { askUntilKnown, asksAgain } from "./ask.ts";
import { seeded } from "./random.ts";

export type Kind = "cashSale" | "cardSale" | "declinedSale" | "return" | "cancel" | "receipt";
/** ok: acknowledged. fail: refused, nothing may be left. info: no answer was had until the client gave up, so either, but whole. */
export type Outcome = "ok" | "fail" | "info";
export interface Entry { readonly kind: Kind; readonly tenant: number; readonly id: string; readonly sku: string; readonly quantity: number; outcome: Outcome; status: number; code: string; body?: Record<string, any>; startedAt: number; endedAt: number; attempts: number }

/** What one client does, over and over: mostly sales, sometimes something that undoes one. */
const MIX: readonly (readonly [Kind, number])[] = [["cashSale", 45], ["cardSale", 20], ["declinedSale", 8], ["return", 10], ["cancel", 7], ["receipt", 10]];
const DECLINED = "4000000000000002";
const SKUS = ["MUG-RED", "MUG-BLUE", "BOWL"];
/** A client asks again with the same key until it knows, or this long. */
const PATIENCE_MS = 45_000;

export interface Load { readonly history: Entry[]; stop(): Promise<void> }

/** A closed loop of clients over the tenants' shops. They retry as api.md tells them to: the same key, after Retry-After, at another edge.
 *  @param bases every edge of the cluster @param seed repeats what each client wants, in its order */
export function startLoad(given: { bases: readonly string[]; shops: readonly Shop[]; clients: number; seed: number }): Load {
  const history: Entry[] = [];
  let stopping = false;
  const random = seeded(given.seed);
  const loops = Array.from({ length: given.clients }, (_, index) => client({ ...given, index, seed: random.branch(), history, stopping: () => stopping }));
  return { history, stop: async () => { stopping = true; await Promise.all(loops); } };
}

interface Client { bases: readonly string[]; shops: readonly Shop[]; index: number; seed: number; history: Entry[]; stopping(): boolean }

async function client({ bases, shops, index, seed, history, stopping }: Client): Promise<void> {
  const random = seeded(seed);
  const tenant = index % shops.length, shop = shops[tenant]!;
  const mine: { id: string; lineId: string; quantity: number }[] = [];
  while (!stopping()) {
    const kind = choose(random.next());
    const undone = kind === "return" || kind === "cancel" ? mine.splice(random.below(mine.length), 1)[0] : undefined;
    if ((kind === "return" || kind === "cancel") && !undone) continue;
    const entry: Entry = { kind, tenant, id: undone?.id ?? newId(), sku: random.pick(SKUS), quantity: undone?.quantity ?? 1 + random.below(3), outcome: "info", status: 0, code: "", startedAt: Date.now(), endedAt: 0, attempts: 0 };
    history.push(entry);
    await carryOut(entry, requestOf(entry, shop, undone?.lineId), { bases, token: shop.client.token!, first: index });
    if (entry.outcome === "ok" && (kind === "cashSale" || kind === "cardSale")) mine.push({ id: entry.id, lineId: entry.body!.lines[0].id, quantity: entry.quantity });
  }
}

function choose(at: number): Kind {
  let rest = at * MIX.reduce((sum, [, weight]) => sum + weight, 0);
  return MIX.find(([, weight]) => (rest -= weight) < 0)![0];
}

interface Wish { readonly path: string; readonly body: unknown }

function requestOf({ kind, id, sku, quantity }: Entry, shop: Shop, lineId: string | undefined): Wish {
  if (kind === "cashSale") return { path: "/v1/orders", body: { id, ...cashSale(shop, { [sku]: quantity }) } };
  if (kind === "cardSale") return { path: "/v1/orders", body: { id, ...cardSale(shop, { [sku]: quantity }) } };
  if (kind === "declinedSale") return { path: "/v1/orders", body: { id, ...cardSale(shop, { [sku]: quantity }, DECLINED) } };
  if (kind === "return") return { path: `/v1/orders/${id}/returns`, body: { lines: [{ lineId, quantity, restock: true }], reason: "unwanted" } };
  if (kind === "cancel") return { path: `/v1/orders/${id}/cancel`, body: { reason: "unwanted" } };
  return { path: "/v1/inventory/adjustments", body: { id, storeId: shop.storeId, reason: "correction", lines: [{ variantId: shop.variants[sku], quantity, unitCost: { amount: 400, currency: "EUR" } }] } };
}

async function carryOut(entry: Entry, wish: Wish, { bases, token, first }: { bases: readonly string[]; token: string; first: number }): Promise<void> {
  const { reply, attempts } = await askUntilKnown({ token, ...wish }, { bases, first, patienceMs: PATIENCE_MS });
  const { status, code, body } = reply;
  const outcome: Outcome = status > 0 && status < 300 ? "ok" : status < 500 && !asksAgain(reply) ? "fail" : "info";
  Object.assign(entry, { status, code, attempts, outcome, body, endedAt: Date.now() });
}

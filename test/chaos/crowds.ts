import { randomUUID } from "node:crypto";
import { cashSale, eur, level, type Shop } from "../support/shop.ts";
import { ask, askUntilKnown, type Reply } from "./ask.ts";
import { pause, type Fault } from "./fault.ts";
import type { Rig } from "./rig.ts";

/* Faults that nobody's death causes: too many at once, for the same thing, or in each other's way. */

const PATIENCE_MS = 45_000;
const STORM_MS = 10_000;
const crowd = <T>(count: number, each: (index: number) => Promise<T>): Promise<T[]> => Promise.all(Array.from({ length: count }, (_, index) => each(index)));
const sell = (rig: Rig, shop: Shop, lines: Record<string, number>, index: number, key: string = randomUUID()) =>
  askUntilKnown({ token: shop.client.token!, path: "/v1/orders", body: cashSale(shop, lines), key }, { bases: rig.edges(), first: index, patienceMs: PATIENCE_MS }).then(({ reply }) => reply);

/** How often each answer came: `{"201": 1, "409 out_of_stock": 49}`. */
function tally(replies: readonly Reply[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { status, code } of replies) counts[`${status} ${code}`.trim()] = (counts[`${status} ${code}`.trim()] ?? 0) + 1;
  return counts;
}
const differs = (what: string, seen: unknown, wanted: unknown): string[] => (JSON.stringify(seen) === JSON.stringify(wanted) ? [] : [`${what}: ${JSON.stringify(seen)} instead of ${JSON.stringify(wanted)}`]);

/** A shop of the load with one more thing on its shelf, which the load knows nothing of. */
async function withShelf(shop: Shop, stock: Record<string, number>): Promise<Shop> {
  const variants = { ...shop.variants };
  for (const [sku, quantity] of Object.entries(stock)) {
    const product = await shop.client.post("/v1/products", { name: sku, variants: [{ sku: `${sku}-${randomUUID().slice(0, 8)}`, price: eur(1099), cost: eur(400) }] });
    variants[sku] = product.variants[0].id;
    await shop.client.post("/v1/inventory/adjustments", { storeId: shop.storeId, reason: "opening", lines: [{ variantId: variants[sku], quantity, unitCost: eur(400) }] });
  }
  return { ...shop, variants };
}

async function lastUnit(rig: Rig, shops: readonly Shop[]): Promise<string[]> {
  const shop = await withShelf(shops[0]!, { LAST: 1 });
  const replies = await crowd(50, (index) => sell(rig, shop, { LAST: 1 }, index));
  const { onHand, reserved } = await level(shop, "LAST");
  const { 201: sold, "409 out_of_stock": refused, ...others } = tally(replies);
  return [...differs("50 buyers of the last unit", { sold, refused, others }, { sold: 1, refused: 49, others: {} }), ...differs("on hand and reserved", [onHand, reserved], [0, 0])];
}

/** The same key fifty times at once, then once more, then with another body. */
async function doubleSubmit(rig: Rig, shops: readonly Shop[]): Promise<string[]> {
  const shop = await withShelf(shops[0]!, { TWICE: 100 }), key = randomUUID(), edges = rig.edges();
  const question = { token: shop.client.token!, path: "/v1/orders", body: cashSale(shop, { TWICE: 1 }), key };
  const atOnce = await crowd(50, (index) => ask({ ...question, base: edges[index % edges.length]! }));
  const strange = tally(atOnce.filter(({ status, code }) => status !== 201 && code !== "idempotency_in_progress"));
  const again = await sell(rig, shop, { TWICE: 1 }, 0, key), other = await sell(rig, shop, { TWICE: 2 }, 0, key);
  const answers = new Set([...atOnce, again].filter(({ status }) => status === 201).map(({ body }) => JSON.stringify(body)));
  return [
    ...differs("answers besides 201 and idempotency_in_progress", strange, {}), ...differs("different answers to one key", answers.size, 1),
    ...differs("the key with another body", `${other.status} ${other.code}`, "422 idempotency_key_reused"), ...differs("on hand", (await level(shop, "TWICE")).onHand, 99),
  ];
}

/** @returns acknowledged sales per second of so many clients, who ask again at once when they are refused; and every answer that was not honest */
async function storm(rig: Rig, shop: Shop, clients: number): Promise<{ perSecond: number; strange: Record<string, number> }> {
  const end = Date.now() + STORM_MS, edges = rig.edges();
  const replies = (await crowd(clients, async (index) => {
    const mine: Reply[] = [];
    for (let key = randomUUID(); Date.now() < end;) {
      const reply = await ask({ base: edges[(index + mine.length) % edges.length]!, token: shop.client.token!, path: "/v1/orders", body: cashSale(shop, { MUCH: 1 }), key });
      mine.push(reply);
      if (reply.status === 201) key = randomUUID();
    }
    return mine;
  })).flat();
  return { perSecond: replies.filter(({ status }) => status === 201).length / (STORM_MS / 1_000), strange: tally(replies.filter(({ status, code }) => ![201, 429, 503].includes(status) && code !== "idempotency_in_progress")) };
}

async function retryStorm(rig: Rig, shops: readonly Shop[]): Promise<string[]> {
  const shop = await withShelf(shops[0]!, { MUCH: 100_000 });
  const usual = await storm(rig, shop, 16);
  for (const name of ["catalog-1", "catalog-2"]) rig.ways.get(name)!.database.change("pass", 20);
  const stormy = await storm(rig, shop, 200);
  for (const name of ["catalog-1", "catalog-2"]) rig.ways.get(name)!.database.change("pass");
  return [
    ...(stormy.perSecond < usual.perSecond / 2 ? [`200 clients got ${stormy.perSecond} sales a second, 16 had ${usual.perSecond}`] : []),
    ...differs("answers besides 201, 429, 503 and idempotency_in_progress", stormy.strange, {}),
  ];
}

/** Both order nodes with two connections for a hundred clients. */
async function smallPools(rig: Rig, shops: readonly Shop[]): Promise<string[]> {
  const nodes = [rig.node("order-1"), rig.node("order-2")], shop = await withShelf(shops[0]!, { MUCH: 100_000 });
  for (const node of nodes) { await node.end("SIGTERM"); node.start({ DATABASE_POOL_SIZE: "2" }); await rig.ready(); }
  const { probes, stop } = probing(nodes.map(({ base }) => base));
  const crowded = await storm(rig, shop, 100);
  await stop();
  for (const node of nodes) { await node.end("SIGTERM"); node.start(); await rig.ready(); }
  const slow = probes.filter(({ status, ms }) => status !== 200 || ms > 2_000);
  return [
    ...differs("answers besides 201, 429, 503 and idempotency_in_progress", crowded.strange, {}), ...(crowded.perSecond < 1 ? [`only ${crowded.perSecond} sales a second`] : []),
    ...differs(`of ${probes.length} looks at /health/live these failed or took more than 2 s`, slow, []),
  ];
}

function probing(bases: readonly string[]) {
  const probes: { status: number; ms: number }[] = [];
  let on = true;
  const loop = (async () => {
    while (on) {
      for (const base of bases) {
        const since = Date.now();
        const status = await fetch(`${base}/health/live`, { signal: AbortSignal.timeout(5_000) }).then((answer) => answer.status, () => 0);
        probes.push({ status, ms: Date.now() - since });
      }
      await pause(200);
    }
  })();
  return { probes, stop: () => { on = false; return loop; } };
}

/** The same two things in opposite order, a hundred times at once. */
async function oppositeOrder(rig: Rig, shops: readonly Shop[]): Promise<string[]> {
  const shop = await withShelf(shops[0]!, { LEFT: 1_000, RIGHT: 1_000 });
  const replies = await crowd(200, (index) => sell(rig, shop, index % 2 ? { LEFT: 1, RIGHT: 1 } : { RIGHT: 1, LEFT: 1 }, index));
  return [...differs("200 baskets", tally(replies), { 201: 200 }), ...differs("on hand", [(await level(shop, "LEFT")).onHand, (await level(shop, "RIGHT")).onHand], [800, 800])];
}

/** Each third write of an order, a movement and a payment fails as if two transactions could not be put in a row. */
async function unserialisable(rig: Rig): Promise<void> {
  const tables = [`"order".orders`, "catalog.stock_movement", "payment.payment"];
  await rig.sql(`CREATE SEQUENCE public.chaos_turn; CREATE FUNCTION public.chaos_refuse() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS
    $$ BEGIN IF nextval('public.chaos_turn') % 3 = 0 THEN RAISE EXCEPTION 'could not serialize access (chaos)' USING ERRCODE = '40001'; END IF; RETURN NULL; END $$`);
  for (const table of tables) await rig.sql(`CREATE TRIGGER chaos_refuse BEFORE INSERT ON ${table} FOR EACH STATEMENT EXECUTE FUNCTION public.chaos_refuse()`);
  await pause(10_000);
  for (const table of tables) await rig.sql(`DROP TRIGGER chaos_refuse ON ${table}`);
  await rig.sql("DROP FUNCTION public.chaos_refuse; DROP SEQUENCE public.chaos_turn");
}

export const CROWD_FAULTS: readonly Fault[] = [
  { id: "F44", what: "50 buyers of the last unit at once", strike: (rig, _random, shops) => lastUnit(rig, shops) },
  { id: "F45", what: "one key 50 times at once, then with another body", strike: (rig, _random, shops) => doubleSubmit(rig, shops) },
  { id: "F51", what: "200 clients retry at once against a slow catalog", strike: (rig, _random, shops) => retryStorm(rig, shops) },
  { id: "F52", what: "two connections per order node for 100 clients", strike: (rig, _random, shops) => smallPools(rig, shops) },
  { id: "F54", what: "200 baskets take the same two things in opposite order", strike: (rig, _random, shops) => oppositeOrder(rig, shops) },
  { id: "F55", what: "each third write fails with a serialisation failure", strike: (rig) => unserialisable(rig) },
];

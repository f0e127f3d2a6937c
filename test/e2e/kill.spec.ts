import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import pg from "pg";
import { newId } from "../../lib/ids.ts";
import { runningDatabase } from "../../node/running-database.ts";
import { Client } from "../../scripts/client.ts";
import { startProcess, type PlatformProcess } from "../support/process.ts";
import { cardSale, cashSale, everyOrder, level, stockedShop, type Shop } from "../support/shop.ts";

/* kill -9 of the real process, in the middle of a sale. Each start recovers what the kill before left, then is killed in its turn. */

const SETTLE_MS = 30_000;

/** Waits until no saga is under way (a dead runner's lease ends first), then asks the audit. */
async function settle(dataDir: string, shop: Shop): Promise<Record<string, any>> {
  const database = new pg.Client({ connectionString: runningDatabase(dataDir)! });
  await database.connect();
  const deadline = Date.now() + SETTLE_MS;
  while ((await database.query(`SELECT 1 FROM "order".saga WHERE status IN ('running', 'compensating')`)).rowCount && Date.now() < deadline) await new Promise((wake) => setTimeout(wake, 100));
  await database.end();
  return { ...(await shop.client.get("/v1/audit/verify")), reserved: (await level(shop, "MUG-RED")).reserved };
}

describe("kill -9 during a sale", () => {
  const dataDir = mkdtempSync(join(tmpdir(), "beaveros-kill-"));
  let running: PlatformProcess, shop: Shop;
  let sold = 0;
  const restart = async (failpoint = "") => {
    if (running.child.exitCode === null && running.child.signalCode === null) await running.kill();
    running = await startProcess({ dataDir, variables: { FAILPOINT: failpoint } });
    shop = { ...shop, client: new Client(running.base, shop.client.token) };
  };
  beforeAll(async () => {
    running = await startProcess({ dataDir });
    shop = await stockedShop(running.base, { stock: { "MUG-RED": 10_000 } });
    await running.kill();
  }, 120_000);
  afterAll(async () => {
    await running.terminate();
    rmSync(dataDir, { recursive: true, force: true });
  });

  const CASH = ["catalog.takeStock:before", "catalog.takeStock:after", "payment.settle:before", "payment.settle:after", "complete:before", "complete:after", "relay:published", "report.inbox:applied"];
  const CARD = ["payment.authorize:after", "payment.capture:before", "payment.capture:after", "catalog.commitStock:after"];
  const points = [...CASH.map((point) => ["cash", point] as const), ...CARD.map((point) => ["card", point] as const)];

  it.each(points)("a %s sale killed at %s is there once, whole, after the restart", async (method, point) => {
    await restart(`${point}:kill`);
    const id = newId(), key = newId();
    const body = { id, ...(method === "cash" ? cashSale(shop, { "MUG-RED": 2 }) : cardSale(shop, { "MUG-RED": 2 })) };
    await shop.client.post("/v1/orders", body, { "idempotency-key": key }).catch(() => undefined);
    expect(await running.ended()).toBeNull(); // it died of the signal, not by itself
    await restart();
    expect(await settle(dataDir, shop)).toMatchObject({ ok: true, reserved: 0 });
    const order = await shop.client.send("POST", "/v1/orders", body, { "idempotency-key": key });
    expect(order.body).toMatchObject({ id, status: "paid", total: { amount: 2198 } });
    sold += 2;
    expect(await level(shop, "MUG-RED")).toMatchObject({ onHand: 10_000 - sold, reserved: 0, available: 10_000 - sold });
    expect((await everyOrder(shop)).filter((found) => found.id === id)).toHaveLength(1);
    await running.kill();
  }, 90_000);

  it.each(["catalog.reserveStock:after", "payment.authorize:before"])("a card sale killed at %s is gone: its card number died with it; the same request again sells", async (point) => {
    await restart(`${point}:kill`);
    const key = newId(), body = cardSale(shop, { "MUG-RED": 2 });
    await shop.client.post("/v1/orders", body, { "idempotency-key": key }).catch(() => undefined);
    await running.ended();
    await restart();
    expect(await settle(dataDir, shop)).toMatchObject({ ok: true, reserved: 0 });
    expect(await level(shop, "MUG-RED")).toMatchObject({ onHand: 10_000 - sold, reserved: 0 });
    expect(await shop.client.post("/v1/orders", body, { "idempotency-key": key })).toMatchObject({ status: "paid" });
    sold += 2;
    expect(await level(shop, "MUG-RED")).toMatchObject({ onHand: 10_000 - sold, reserved: 0 });
    await running.kill();
  }, 90_000);

  it("a declined card killed while it is undone leaves no order, no hold, no money", async () => {
    await restart("catalog.reserveStock:undo:before:kill");
    const id = newId();
    await shop.client.post("/v1/orders", { id, ...cardSale(shop, { "MUG-RED": 3 }, "4000000000000002") }).catch(() => undefined);
    expect(await running.ended()).toBeNull();
    await restart();
    expect(await settle(dataDir, shop)).toMatchObject({ ok: true, reserved: 0 });
    await expect(shop.client.get(`/v1/orders/${id}`)).rejects.toMatchObject({ status: 404 });
    expect(await level(shop, "MUG-RED")).toMatchObject({ onHand: 10_000 - sold, reserved: 0 });
    await running.kill();
  }, 90_000);

  it("at random moments under load loses no acknowledged sale and doubles none", async () => {
    await restart();
    const acknowledged = new Map<string, number>();
    const attempted: string[] = [];
    const before = new Set((await everyOrder(shop)).map((order) => order.id));
    for (const lifeMs of [400, 900, 1_500]) {
      const selling = Array.from({ length: 8 }, async () => {
        for (;;) {
          const id = newId();
          attempted.push(id);
          const order = await shop.client.post("/v1/orders", { id, ...cashSale(shop, { "MUG-RED": 1 }) }, { "idempotency-key": id }).catch(() => undefined);
          if (!order) return;
          acknowledged.set(id, order.total.amount);
        }
      });
      await new Promise((wake) => setTimeout(wake, lifeMs));
      await running.kill();
      await Promise.all(selling);
      await restart();
    }
    expect(await settle(dataDir, shop)).toMatchObject({ ok: true, reserved: 0 });
    const orders = (await everyOrder(shop)).filter((order) => !before.has(order.id));
    const ids = orders.map((order) => order.id as string);
    expect(new Set(ids).size).toBe(ids.length);
    expect([...acknowledged.keys()].filter((id) => !ids.includes(id))).toEqual([]);
    expect(ids.filter((id) => !attempted.includes(id))).toEqual([]);
    sold += ids.length;
    expect(await level(shop, "MUG-RED")).toMatchObject({ onHand: 10_000 - sold, reserved: 0 });
    expect(acknowledged.size).toBeGreaterThan(10);
  }, 180_000);
});

import { mkdtempSync, rmSync } from "node:fs";
import { Agent, request, type ClientRequest, type IncomingMessage } from "node:http";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { newId } from "../../lib/ids.ts";
import { Client } from "../../scripts/client.ts";
import { startProcess, type PlatformProcess } from "../support/process.ts";
import { cashSale, everyOrder, stockedShop, type Shop } from "../support/shop.ts";

/* SIGTERM to the real process, with requests under way. */

const dataDir = mkdtempSync(join(tmpdir(), "beaveros-drain-"));
let running: PlatformProcess, shop: Shop;
beforeAll(async () => {
  running = await startProcess({ dataDir });
  shop = await stockedShop(running.base, { stock: { "MUG-RED": 100_000 } });
}, 90_000);
afterAll(async () => {
  await running.terminate();
  rmSync(dataDir, { recursive: true, force: true });
});
const restart = async () => {
  running = await startProcess({ dataDir });
  shop = { ...shop, client: new Client(running.base, shop.client.token) };
};

interface Sent { readonly req: ClientRequest; readonly answer: Promise<{ status: number; connection: string | undefined; body: Record<string, any> }> }
/** Begins a request and leaves it to the caller to end its body. */
function begin(path: string, agent: Agent, method = "POST"): Sent {
  const { hostname, port } = new URL(running.base);
  const req = request({ hostname, port, path, method, agent, headers: { authorization: `Bearer ${shop.client.token}`, "content-type": "application/json" } });
  const answer = new Promise<IncomingMessage>((answered, failed) => { req.once("response", answered).once("error", failed); }).then(async (res) => {
    let text = "";
    for await (const chunk of res) text += String(chunk);
    return { status: res.statusCode!, connection: res.headers.connection, body: JSON.parse(text) as Record<string, any> };
  });
  return { req, answer };
}
const isOpen = () => new Promise<boolean>((resolve) => {
  const socket = connect(running.port, "127.0.0.1", () => { socket.destroy(); resolve(true); });
  socket.once("error", () => resolve(false));
});
const patience = (ms: number) => new Promise((wake) => setTimeout(wake, ms));

describe("a node that is told to stop", () => {
  it("is not ready at once, takes nothing new soon, finishes what it has, says so on the connection, and ends with 0", async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 }), idle = new Agent({ keepAlive: true });
    const probe = begin("/health/ready", idle, "GET");
    probe.req.end();
    expect((await probe.answer).status).toBe(200);
    const id = newId(), text = JSON.stringify({ id, ...cashSale(shop, { "MUG-RED": 1 }) });
    const { req, answer } = begin("/v1/orders", agent);
    req.write(text.slice(0, 40));
    await patience(200);
    const ended = running.terminate();
    await patience(300);
    const late = begin("/health/ready", new Agent({ keepAlive: true }), "GET");
    late.req.end();
    expect(await late.answer).toMatchObject({ status: 503, connection: "close", body: { dependency: "node" } });
    await patience(1_200);
    expect(await isOpen()).toBe(false);
    req.end(text.slice(40));
    expect(await answer).toMatchObject({ status: 201, connection: "close", body: { id, status: "paid" } });
    expect(await ended).toBe(0);
    await restart();
    expect(await shop.client.get(`/v1/orders/${id}`)).toMatchObject({ id, status: "paid" });
  }, 90_000);

  it("does not wait for ever for a client that does not go on", async () => {
    const { req, answer } = begin("/v1/orders", new Agent());
    answer.catch(() => undefined);
    req.write('{"storeId":');
    await patience(200);
    const begun = performance.now();
    expect(await running.terminate()).toBe(0);
    expect(performance.now() - begun).toBeLessThan(20_000);
    await expect(answer).rejects.toThrow();
    await restart();
  }, 90_000);

  it("under load loses nothing that it answered, half-makes nothing, and leaves nothing to be finished", async () => {
    const acknowledged: string[] = [], refused: number[] = [];
    let stopped = false;
    const till = async () => {
      while (!stopped) {
        const id = newId();
        try {
          await shop.client.post("/v1/orders", { id, ...cashSale(shop, { "MUG-RED": 1 }) });
          acknowledged.push(id);
        } catch (error) {
          const { status } = error as { status?: number };
          // A connection that is refused or broken off is the stop; an answer that is no sale must be an honest "not now".
          if (status === undefined) return;
          refused.push(status);
        }
      }
    };
    const tills = Array.from({ length: 12 }, till);
    await patience(1_500);
    const begun = performance.now();
    expect(await running.terminate()).toBe(0);
    expect(performance.now() - begun).toBeLessThan(8_000);
    stopped = true;
    await Promise.all(tills);
    expect(acknowledged.length).toBeGreaterThan(20);
    expect(refused.filter((status) => status !== 503)).toEqual([]);
    expect(running.output()).not.toMatch(/"level":"(error|fatal)"/);
    await restart();
    const kept = new Set((await everyOrder(shop)).map((order) => order.id as string));
    expect(acknowledged.filter((id) => !kept.has(id))).toEqual([]);
    // At most what each till had asked when the stop came.
    expect(kept.size - acknowledged.length).toBeLessThanOrEqual(12 + 1);
    expect((await shop.client.get("/v1/audit/verify"))).toMatchObject({ ok: true });
  }, 120_000);
});

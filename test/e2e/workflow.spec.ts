import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { freePort } from "../../node/free-port.ts";
import { openShop } from "../../scripts/client.ts";
import { startMailServer, type MailServer } from "../support/mail-server.ts";
import { startTestPlatform, type TestPlatform } from "../support/platform.ts";
import { cashSale, stockedShop, type Shop } from "../support/shop.ts";
import { until } from "../support/until.ts";

/* The low-stock alert over REST, from the sale to the letter at a real SMTP receiver. */

const TITLE = "Low stock: MUG (MUG)";
const BODY = "4 of MUG (MUG) are available at Main street; the reorder point is 5.";

async function lowShop(platform: TestPlatform, name: string): Promise<Shop> {
  const shop = await stockedShop(platform.baseUrl, { name, stock: { MUG: 6, CUP: 6 } });
  for (const id of Object.values(shop.variants)) await shop.client.patch(`/v1/variants/${id}`, { reorderPoint: 5 });
  return shop;
}
const mails = async (shop: Shop): Promise<Record<string, any>[]> => (await shop.client.get("/v1/mails")).data;
const notifications = async (shop: Shop): Promise<Record<string, any>[]> => (await shop.client.get("/v1/notifications")).data;

/** Runs of the low-stock workflow, the latest first. */
async function runs(shop: Shop): Promise<Record<string, any>[]> {
  const { data: [workflow] } = await shop.client.get("/v1/workflows");
  return (await shop.client.get(`/v1/workflows/${workflow.id}/runs`)).data;
}
const isDone = (shop: Shop, count: number) => async () => {
  const all = await runs(shop);
  return all.length === count && all.every(({ status }) => status === "completed");
};

describe("with a mail server, a variant that a sale takes below its reorder point", () => {
  let platform: TestPlatform, shop: Shop, server: MailServer, port: number;
  beforeAll(async () => {
    port = await freePort();
    server = await startMailServer(port);
    platform = await startTestPlatform({ variables: { SMTP_URL: `smtp://127.0.0.1:${port}` } });
    shop = await lowShop(platform, "Alder");
  }, 60_000);
  afterAll(async () => {
    await platform.stop();
    await server.stop();
  });

  it("is told in the inbox, and in one letter to the owner", async () => {
    await shop.client.post("/v1/orders", cashSale(shop, { MUG: 2 }));
    await until(isDone(shop, 1));
    expect(await notifications(shop)).toEqual([expect.objectContaining({ kind: "lowStock", title: TITLE, body: BODY, readAt: null, data: expect.objectContaining({ sku: "MUG", storeId: shop.storeId, variantId: shop.variants.MUG }) })]);
    const { user } = await shop.client.get("/v1/me");
    const [mail] = await mails(shop);
    expect(mail).toMatchObject({ status: "sent", to: [user.email], subject: TITLE, text: BODY, sentAt: expect.any(String) });
    expect(server.received).toEqual([{ to: [user.email], from: expect.stringContaining("beaveros@"), subject: TITLE, text: BODY, messageId: `<${mail!.id}@beaveros>` }]);
    expect(await runs(shop)).toMatchObject([{ id: mail!.runId, steps: [{ kind: "notify", status: "completed", attempts: [{ outcome: "done" }] }, { kind: "email", status: "completed", attempts: [{ outcome: "done" }] }] }]);
  });

  it("is not told again by a second sale: it was low already", async () => {
    await shop.client.post("/v1/orders", cashSale(shop, { MUG: 1 }));
    await platform.quiesce();
    expect([await runs(shop), await notifications(shop), server.received].map(({ length }) => length)).toEqual([1, 1, 1]);
  });

  it("is told once when its event comes again, even to an inbox that forgot it", async () => {
    await platform.sql("DELETE FROM workflow.inbox");
    await platform.sql("UPDATE catalog.outbox SET published_at = NULL WHERE type = 'catalog.stockLow'");
    await platform.quiesce();
    expect(await platform.sql("SELECT event_id FROM workflow.inbox")).toEqual(await platform.sql("SELECT id AS event_id FROM catalog.outbox WHERE type = 'catalog.stockLow'")); // it did come again
    await new Promise((wake) => setTimeout(wake, 1_000)); // two looks of the runner
    expect([await runs(shop), await notifications(shop), await mails(shop), server.received].map(({ length }) => length)).toEqual([1, 1, 1, 1]);
  });

  it("is told once, later, when the mail server was down; the sale did not wait for it", async () => {
    await server.stop();
    const before = server.received.length;
    expect(await shop.client.post("/v1/orders", cashSale(shop, { CUP: 3 }))).toMatchObject({ status: "paid" });
    await until(async () => (await runs(shop))[0]!.steps[1].attempts.length >= 2);
    const [waiting] = await runs(shop);
    expect(waiting).toMatchObject({ status: "running", nextAttemptAt: expect.any(String), finishedAt: null, steps: [{ kind: "notify", status: "completed" }, { kind: "email", status: "waiting" }] });
    for (const attempt of waiting!.steps[1].attempts) expect(attempt).toMatchObject({ outcome: "failed", message: expect.stringContaining("ECONNREFUSED") });
    expect((await mails(shop))[0]).toMatchObject({ status: "queued", sentAt: null });
    expect((await notifications(shop))[0]).toMatchObject({ title: "Low stock: CUP (CUP)" });
    server = await startMailServer(port, server.received);
    await until(isDone(shop, 2));
    expect(server.received.slice(before).map(({ subject }) => subject)).toEqual(["Low stock: CUP (CUP)"]);
    expect((await runs(shop))[0]!.steps[1].attempts.at(-1)).toMatchObject({ outcome: "done", message: null });
    expect((await mails(shop))[0]).toMatchObject({ status: "sent", sentAt: expect.any(String) });
    expect(await notifications(shop)).toHaveLength(2);
  });

  it("goes to the people that the step names, unless the workflow is switched off", async () => {
    const { client, variants } = shop, { data: [workflow] } = await client.get("/v1/workflows");
    const refill = (sku: string, quantity: number) => client.post("/v1/inventory/adjustments", { storeId: shop.storeId, reason: "count", lines: [{ variantId: variants[sku], quantity }] });
    await client.patch(`/v1/workflows/${workflow.id}`, { steps: [{ kind: "email", to: ["buyer@alder.example", "manager@alder.example"] }] });
    await refill("MUG", 10);
    await refill("MUG", -9);
    await until(isDone(shop, 3));
    expect(server.received.at(-1)).toMatchObject({ to: ["buyer@alder.example", "manager@alder.example"], subject: TITLE });
    expect(await notifications(shop)).toHaveLength(2); // there is no such step any more
    await client.patch(`/v1/workflows/${workflow.id}`, { enabled: false });
    await refill("CUP", 10);
    await refill("CUP", -9);
    await platform.quiesce();
    expect(await runs(shop)).toHaveLength(3);
  });

  it("is nobody else's business", async () => {
    const { client } = await openShop(platform.baseUrl, { name: "Birch" });
    expect((await client.get("/v1/notifications")).data).toEqual([]);
    expect((await client.get("/v1/mails")).data).toEqual([]);
    const { data: [ours] } = await shop.client.get("/v1/workflows"), { data: [theirs] } = await client.get("/v1/workflows");
    const [run] = await runs(shop), [notification] = await notifications(shop);
    const missing = { status: 404, code: "not_found" };
    await expect(client.get(`/v1/workflows/${ours.id}`)).rejects.toMatchObject(missing);
    await expect(client.get(`/v1/workflows/${ours.id}/runs`)).rejects.toMatchObject(missing);
    await expect(client.patch(`/v1/workflows/${ours.id}`, { enabled: true })).rejects.toMatchObject(missing);
    await expect(client.post(`/v1/workflows/${theirs.id}/runs/${run!.id}/retry`, {})).rejects.toMatchObject(missing);
    await expect(client.patch(`/v1/notifications/${notification!.id}`, { read: true })).rejects.toMatchObject(missing);
    expect((await notifications(shop))[0]).toEqual(notification);
    expect(await shop.client.get(`/v1/workflows/${ours.id}`)).toEqual(ours);
    expect(server.received.filter(({ to }) => to.join().includes("birch"))).toEqual([]);
  });
});

describe("without a mail server", () => {
  let platform: TestPlatform;
  beforeAll(async () => { platform = await startTestPlatform(); }, 60_000);
  afterAll(() => platform.stop());

  it("the letter lies in the mailbox that REST reads, for its own tenant alone", async () => {
    const alder = await lowShop(platform, "Alder"), birch = await lowShop(platform, "Birch");
    await alder.client.post("/v1/orders", cashSale(alder, { MUG: 2 }));
    await until(isDone(alder, 1));
    const { user } = await alder.client.get("/v1/me");
    expect(await mails(alder)).toEqual([{ id: expect.any(String), runId: (await runs(alder))[0]!.id, to: [user.email], subject: TITLE, text: BODY, status: "stored", sentAt: null, createdAt: expect.any(String) }]);
    expect(await notifications(alder)).toHaveLength(1);
    expect([await runs(birch), await notifications(birch), await mails(birch)]).toEqual([[], [], []]);
  });

  it("a notification is read once and stays read", async () => {
    const { client } = await openShop(platform.baseUrl, { name: "Cedar" });
    expect((await client.get("/v1/notifications?unread=true")).data).toEqual([]);
    const shop = await lowShop(platform, "Dogwood");
    await shop.client.post("/v1/orders", cashSale(shop, { MUG: 2, CUP: 2 }));
    await until(isDone(shop, 2));
    const [first, second] = await notifications(shop);
    const read = await shop.client.patch(`/v1/notifications/${first!.id}`, { read: true }, { "if-match": '"1"' });
    expect(read).toMatchObject({ readAt: expect.any(String), version: 2 });
    await expect(shop.client.patch(`/v1/notifications/${first!.id}`, { read: false }, { "if-match": '"1"' })).rejects.toMatchObject({ status: 412 });
    expect((await shop.client.get("/v1/notifications?unread=true")).data).toEqual([second]);
  });
});

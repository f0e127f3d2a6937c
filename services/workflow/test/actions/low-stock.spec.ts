import { afterAll, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import { freePort } from "../../../../node/free-port.ts";
import { newId } from "../../../../lib/ids.ts";
import type { CloudEvent } from "../../../../node/event-bus.ts";
import { startMailServer, type MailServer } from "../../../../test/support/mail-server.ts";
import { until } from "../../../../test/support/until.ts";
import { openShop, startTestPlatform, type Shop, type TestPlatform } from "../support.ts";

let platform: TestPlatform, server: MailServer, port: number, shop: Shop;
beforeAll(async () => {
  port = await freePort();
  server = await startMailServer(port);
  platform = await startTestPlatform({ services: ["workflow", "auth", "entity"], variables: { SMTP_URL: `smtp://127.0.0.1:${port}` } });
});
afterAll(async () => {
  await platform.stop();
  await server.stop();
});
beforeEach(async () => {
  server.received.length = 0;
  shop = await openShop(platform, "alder");
  await writeTo("buyer@alder.example");
});

const actor = () => platform.actor(shop.tenantId);
const workflowId = async () => (await actor().call("workflow.listWorkflows", {})).data[0]!.id;
const writeTo = async (...to: string[]) => actor().call("workflow.changeWorkflow", { id: await workflowId(), steps: [{ kind: "notify" }, { kind: "email", to }] });
const runs = async () => (await actor().call("workflow.listWorkflowRuns", { id: await workflowId() })).data;
const ended = (status: string) => until(async () => (await runs())[0]?.status === status);
const low = (name: string): CloudEvent => ({
  specversion: "1.0", id: newId(), source: "/beaveros/catalog", type: "catalog.stockLow", subject: newId(), time: "2026-01-31T09:30:00.000Z", tenantid: shop.tenantId,
  data: { storeId: shop.storeId, variantId: newId(), sku: "MUG-RED", name, availableThousandths: 2500, reorderPointThousandths: 3000 },
});

describe("the low-stock alert", () => {
  it("is one run, one notification and one letter for one event, however often it comes", async () => {
    const event = low("Mug");
    await platform.deliver([event, event]);
    await platform.deliver([event]);
    await ended("completed");
    await platform.deliver([event]);
    expect((await runs()).map(({ eventId }) => eventId)).toEqual([event.id]);
    expect((await actor().call("workflow.listNotifications", {})).data.map(({ body }) => body)).toEqual(["2.5 of Mug (MUG-RED) are available at Main street; the reorder point is 3."]);
    expect(server.received.map(({ to, subject }) => [...to, subject])).toEqual([["buyer@alder.example", "Low stock: Mug (MUG-RED)"]]);
  });

  it("names no store that is gone, and still comes", async () => {
    const event = low("Mug");
    await platform.deliver([{ ...event, data: { ...event.data as object, storeId: newId() } }]);
    await ended("completed");
    expect(server.received[0]!.text).toBe("2.5 of Mug (MUG-RED) are available; the reorder point is 3.");
  });

  it("takes no header out of a product's name", async () => {
    await platform.deliver([low("Mug\r\nBcc: thief@evil.example\r\n\r\nBuy this")]);
    await ended("completed");
    expect(server.received).toHaveLength(1);
    expect(server.received[0]).toMatchObject({ to: ["buyer@alder.example"], subject: expect.stringContaining("Bcc: thief@evil.example") });
  });

  it("that has nobody to write to says so, and is tried again", async () => {
    await writeTo(); // the owners, and this tenant has none
    await platform.deliver([low("Mug")]);
    await until(async () => (await runs())[0]?.steps[1]!.attempts.length === 1);
    expect((await runs())[0]).toMatchObject({ status: "running", steps: [{ status: "completed" }, { status: "waiting", attempts: [{ outcome: "failed", message: expect.stringContaining("nobody to write to") }] }] });
    expect(server.received).toEqual([]);
  });

  it("is given up after thirty tries, and sent by a retry; what succeeded is not repeated", async () => {
    await server.stop();
    await platform.deliver([low("Mug")]);
    await until(async () => (await runs())[0]?.steps[1]!.attempts.length === 1);
    await platform.sql("UPDATE workflow.workflow_step SET tries = 29 WHERE tenant_id = $1 AND kind = 'email'", [shop.tenantId]);
    await ended("failed");
    const [run] = await runs();
    expect(run).toMatchObject({ finishedAt: expect.any(String), nextAttemptAt: null, steps: [{ status: "completed" }, { status: "failed" }] });
    server = await startMailServer(port, server.received);
    expect(await actor().call("workflow.retryWorkflowRun", { id: run!.workflowId, runId: run!.id })).toMatchObject({ status: "running", finishedAt: null });
    await ended("completed");
    await expect(actor().call("workflow.retryWorkflowRun", { id: run!.workflowId, runId: run!.id })).rejects.toMatchObject({ type: "conflict" });
    expect(server.received).toHaveLength(1);
    expect((await actor().call("workflow.listNotifications", {})).data).toHaveLength(1);
  });
});

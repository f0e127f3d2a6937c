import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { freePort } from "../../node/free-port.ts";
import { startMailServer, type MailServer } from "../support/mail-server.ts";
import { startOtlpReceiver, type OtlpReceiver, type ReceivedSpan } from "../support/otlp-receiver.ts";
import { startTestPlatform, type TestPlatform } from "../support/platform.ts";
import { cashSale, stockedShop, type Shop } from "../support/shop.ts";
import { until } from "../support/until.ts";

/* In one process and, in the jest project `nats`, with each service in a node of its own: the collector sees the same trace. */

const overNats = (globalThis as { overNats?: boolean }).overNats === true;
const CLIENT_SPAN = "00f067aa0ba902b7";
let receiver: OtlpReceiver, platform: TestPlatform, mail: MailServer, shop: Shop;
beforeAll(async () => {
  receiver = await startOtlpReceiver();
  const mailPort = await freePort();
  mail = await startMailServer(mailPort);
  platform = await startTestPlatform({ variables: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.endpoint, SMTP_URL: `smtp://127.0.0.1:${mailPort}` } });
  shop = await stockedShop(platform.baseUrl, { stock: { "MUG-RED": 100, CUP: 6 } });
});
afterAll(async () => {
  await platform.stop();
  await mail.stop();
  await receiver.stop();
});

async function sell(headers: Record<string, string> = {}): Promise<void> {
  await shop.client.post("/v1/orders", cashSale(shop, { "MUG-RED": 1 }), headers);
  await platform.quiesce();
}
const arrived = (traceId: string) => until(() => receiver.ofTrace(traceId).some(({ name, service }) => service === "report" && name === "process order.completed"));
/** The trace, once nothing more comes: nodes hand their spans over each second. */
async function whole(traceId: string): Promise<ReceivedSpan[]> {
  let seen = -1;
  await until(async () => {
    const before = seen;
    seen = receiver.ofTrace(traceId).length;
    await new Promise((wake) => setTimeout(wake, 2_500));
    return seen > 0 && seen === before;
  });
  return receiver.ofTrace(traceId);
}
const names = (spans: readonly ReceivedSpan[]) => spans.map(({ service, name }) => `${service}: ${name}`);

describe("a sale is one trace", () => {
  const traceId = "4bf92f3577b34da6a3ce929d0e0e4736";
  let spans: ReceivedSpan[];
  const below = (parent: ReceivedSpan): ReceivedSpan[] => spans.filter(({ parentId }) => parentId === parent.spanId).flatMap((child) => [child, ...below(child)]);
  const one = (service: string, name: string): ReceivedSpan => {
    const found = spans.filter((span) => span.service === service && span.name === name && span.kind !== "client");
    expect(names(found)).toEqual([`${service}: ${name}`]);
    return found[0]!;
  };
  beforeAll(async () => {
    await sell({ traceparent: `00-${traceId}-${CLIENT_SPAN}-01`, "x-request-id": "traced-sale-0001" });
    await arrived(traceId);
    spans = await whole(traceId);
  });

  it("that goes on from the client's, with the edge on top", () => {
    const edge = one("api", "POST /v1/orders");
    expect(edge).toMatchObject({ kind: "server", parentId: CLIENT_SPAN, failed: undefined, attributes: { "http.response.status_code": 201, "http.route": "/v1/orders", "beaveros.request.id": "traced-sale-0001", "beaveros.tenant.id": expect.any(String), "enduser.id": expect.any(String) } });
    expect(below(edge)).toHaveLength(spans.length - 1);
  });

  it("through every action and the saga, across nodes", () => {
    expect(names(below(one("order", "order.placeOrder")))).toEqual(expect.arrayContaining(["order: saga order.checkout"]));
    const saga = names(below(one("order", "saga order.checkout")));
    expect(saga).toEqual(expect.arrayContaining(["catalog: catalog.takeStock", "payment: payment.settle"]));
    // The way from node to node is a span of the caller's.
    const hops = spans.filter(({ kind, attributes }) => kind === "client" && attributes["rpc.system"] === "moleculer");
    expect(names(hops).includes("order: catalog.takeStock")).toBe(overNats);
    expect(names(hops).includes("api: order.placeOrder")).toBe(overNats);
  });

  it("to each SQL statement by its name, and nothing of its values", () => {
    expect(names(below(one("catalog", "catalog.takeStock")))).toEqual(expect.arrayContaining(["catalog: shared transaction", "catalog: catalog.take-stocks", "catalog: tx.commit"]));
    const statements = spans.filter(({ attributes }) => attributes["db.system.name"] === "postgresql");
    expect(statements.length).toBeGreaterThan(10);
    for (const statement of statements) expect([statement.name, Object.keys(statement.attributes)]).toEqual([statement.name, ["db.system.name"]]);
    expect(statements.filter(({ name }) => !/^[a-z]+(\.[A-Za-z-]+)+$/.test(name)).map(({ name }) => name)).toEqual([]);
  });

  it("and on with its events, out of the outbox and into the report's projection", () => {
    const published = one("order", "publish order.completed");
    expect(published).toMatchObject({ kind: "producer", attributes: { "messaging.destination.name": "order.completed" } });
    const projection = below(published).find(({ service, name }) => service === "report" && name === "process order.completed")!;
    expect(projection).toMatchObject({ kind: "consumer", parentId: published.spanId });
    expect(names(below(projection))).toEqual(expect.arrayContaining(["report: transaction", "report: inbox.claim", "report: tx.commit"]));
  });

  it("that holds nothing of the request but ids", () => {
    const text = JSON.stringify(spans);
    for (const value of ["MUG-RED", "Olive", "owner@", shop.client.token!]) expect(text).not.toContain(value);
  });
});

describe("a trace", () => {
  it("begins at the edge when the client has not begun one", async () => {
    const before = receiver.spans.length;
    await sell({ "x-request-id": "traced-sale-0002" });
    const root = () => receiver.spans.slice(before).find(({ attributes }) => attributes["beaveros.request.id"] === "traced-sale-0002");
    await until(() => root() !== undefined);
    expect(root()!.parentId).toBe("");
    await arrived(root()!.traceId);
  });

  it("is not recorded when the client says so", async () => {
    const traceId = "00000000000000000000000000000abc";
    await sell({ traceparent: `00-${traceId}-${CLIENT_SPAN}-00` });
    await new Promise((wake) => setTimeout(wake, 2_500));
    expect(receiver.ofTrace(traceId)).toEqual([]);
  });

  it("holds each event of a batch that was applied together, below its own sale", async () => {
    const before = receiver.spans.length;
    await Promise.all(Array.from({ length: 8 }, (_, n) => shop.client.post("/v1/orders", cashSale(shop, { "MUG-RED": 1 }), { "x-request-id": `traced-together-${n}` })));
    await platform.quiesce();
    const edges = () => receiver.spans.slice(before).filter(({ attributes }) => String(attributes["beaveros.request.id"]).startsWith("traced-together-"));
    await until(() => edges().length === 8);
    await Promise.all(edges().map(({ traceId }) => arrived(traceId)));
    for (const trace of await Promise.all(edges().map(({ traceId }) => whole(traceId)))) {
      const ids = new Set(trace.map(({ spanId }) => spanId));
      expect(trace.filter(({ name }) => name === "process order.completed" || name === "catalog.takeStock").length).toBeGreaterThanOrEqual(2);
      // Nothing of it hangs below another's.
      expect(trace.filter(({ parentId }) => parentId !== "" && !ids.has(parentId))).toEqual([]);
    }
  });

  it("goes on to the letter that low stock sets off", async () => {
    const traceId = "4bf92f3577b34da6a3ce929d0e0e4737";
    await shop.client.patch(`/v1/variants/${shop.variants.CUP}`, { reorderPoint: 5 });
    await shop.client.post("/v1/orders", cashSale(shop, { CUP: 2 }), { traceparent: `00-${traceId}-${CLIENT_SPAN}-01` });
    await until(() => receiver.ofTrace(traceId).some(({ name }) => name === "workflow run"));
    expect(mail.received).toHaveLength(1);
    const trace = receiver.ofTrace(traceId), run = trace.find(({ name }) => name === "workflow run")!;
    expect(trace.find(({ name }) => name === "process catalog.stockLow")).toMatchObject({ service: "workflow", kind: "consumer", spanId: run.parentId });
    expect(trace.find(({ name }) => name === "send mail")).toMatchObject({ service: "workflow", kind: "client", failed: undefined });
  });

  it("shows a refusal as an answer, and what is our fault as an error, by its code", async () => {
    const before = receiver.spans.length;
    await shop.client.send("POST", "/v1/orders", cashSale(shop, { "MUG-RED": 90 }), { "x-request-id": "traced-refusal-1" }).catch(() => undefined);
    await platform.sql(`ALTER TABLE "order".customer ADD CONSTRAINT nobody CHECK (false) NOT VALID`);
    await shop.client.send("POST", "/v1/customers", { name: "Canarina" }, { "x-request-id": "traced-fault-01" }).catch(() => undefined);
    const edge = (id: string) => receiver.spans.slice(before).find(({ attributes }) => attributes["beaveros.request.id"] === id);
    await until(() => edge("traced-refusal-1") !== undefined && edge("traced-fault-01") !== undefined);
    expect(edge("traced-refusal-1")).toMatchObject({ failed: undefined, attributes: { "http.response.status_code": 409 } });
    expect(edge("traced-fault-01")).toMatchObject({ failed: "", attributes: { "http.response.status_code": 500 } });
    await Promise.all([whole(edge("traced-refusal-1")!.traceId), whole(edge("traced-fault-01")!.traceId)]);
    const refusal = receiver.ofTrace(edge("traced-refusal-1")!.traceId).find(({ name, kind }) => name === "catalog.takeStock" && kind === "internal");
    expect(refusal).toMatchObject({ failed: undefined, attributes: { "error.type": "out_of_stock" } });
    const fault = receiver.ofTrace(edge("traced-fault-01")!.traceId).filter(({ failed }) => failed);
    expect(fault.map(({ failed }) => failed)).toContain("PostgreSQL 23514 in customer by nobody");
    expect(fault.filter(({ failed }) => !/^PostgreSQL 23514( in customer by nobody)?$/.test(failed!))).toEqual([]);
  });
});

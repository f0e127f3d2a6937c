import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "@jest/globals";
import { freePort } from "../../node/free-port.ts";
import { brokerOptions } from "../../moleculer.config.ts";
import { readEnvironment } from "../../node/environment.ts";
import { openLog } from "../../node/log/log.ts";
import { loadSecrets } from "../../node/secrets.ts";
import { openWatchers } from "../../node/watchers.ts";
import { logLines } from "../support/log-lines.ts";
import { startProcess } from "../support/process.ts";
import { cashSale, stockedShop } from "../support/shop.ts";
import { until } from "../support/until.ts";

it("where nobody watches, no call passes a middleware more", async () => {
  const environment = readEnvironment({ DATA_DIR: process.env.TEST_DATA_DIR!, LOG_FORMAT: "json" }), log = await openLog(environment);
  const middlewares = async (variables: Record<string, string>) => {
    const watched = readEnvironment({ DATA_DIR: process.env.TEST_DATA_DIR!, ...variables }), watchers = await openWatchers(watched, log);
    const { middlewares: all } = brokerOptions(watched, loadSecrets(watched), log, watchers);
    await watchers.tracing?.close();
    return all!.map((one) => (typeof one === "string" ? one : (one as { name: string }).name));
  };
  const off = await middlewares({});
  expect(off).toEqual(expect.arrayContaining(["Isolation", "Identity", "ErrorHandler"]));
  expect(off.filter((name) => /metric|trac(e|ing)|telemetry/i.test(name))).toEqual([]);
  const on = await middlewares({ METRICS_PORT: "0", OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:1" });
  expect(on.filter((name) => !off.includes(name))).toEqual(["MetricsInner", "Tracing", "MetricsOuter"]);
});

it("a collector that is away costs its traces and one line of the log, and no sale", async () => {
  const dataDir = mkdtempSync(join(tmpdir(), "beaveros-untraced-"));
  const node = await startProcess({ dataDir, variables: { OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${await freePort()}` } });
  const shop = await stockedShop(node.base, { stock: { "MUG-RED": 100 } });
  const lost = () => logLines(node.output()).filter(({ level }) => level === "warn");
  for (let second = 0; second < 4; second++) {
    await Promise.all(Array.from({ length: 5 }, () => shop.client.post("/v1/orders", cashSale(shop, { "MUG-RED": 1 }))));
    await new Promise((wake) => setTimeout(wake, 1_200));
  }
  await until(() => lost().length > 0);
  const stopping = performance.now();
  expect(await node.terminate()).toBe(0);
  expect(performance.now() - stopping).toBeLessThan(8_000);
  expect(lost().map(({ msg }) => msg)).toEqual(["traces are lost: their collector does not take them"]);
  rmSync(dataDir, { recursive: true, force: true });
}, 120_000);

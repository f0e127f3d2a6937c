import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-proto";
import type { ReadableSpan, SpanExporter } from "@opentelemetry/sdk-trace";
import type { Log } from "../log/log.ts";
import { reasonOf } from "../log/reason.ts";

type Done = Parameters<SpanExporter["export"]>[1];

/** A collector that does not take a batch within this time does not get it. */
const EXPORT_MS = 3_000;

/** OTLP over HTTP. A collector that is away costs its traces and one line of the log, and nothing else. */
export class TellingExporter implements SpanExporter {
  readonly #inner: OTLPTraceExporter;
  readonly #log: Log;
  #away = false;

  /** @param endpoint as OTEL_EXPORTER_OTLP_ENDPOINT: without /v1/traces */
  constructor(endpoint: string, log: Log) {
    this.#inner = new OTLPTraceExporter({ url: `${endpoint.replace(/\/$/, "")}/v1/traces`, timeoutMillis: EXPORT_MS });
    this.#log = log;
  }

  export(spans: ReadableSpan[], done: Done): void {
    this.#inner.export(spans, (result) => {
      const failed = result.code !== 0;
      if (failed && !this.#away) this.#log.warn({ reason: reasonOf(result.error ?? new Error("the collector refuses them")) }, "traces are lost: their collector does not take them");
      if (!failed && this.#away) this.#log.info("traces are taken again");
      this.#away = failed;
      done(result);
    });
  }

  forceFlush(): Promise<void> {
    return this.#inner.forceFlush();
  }

  shutdown(): Promise<void> {
    return this.#inner.shutdown();
  }
}

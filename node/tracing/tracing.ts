import { hostname } from "node:os";
import { ROOT_CONTEXT, SpanKind, SpanStatusCode, trace, TraceFlags, type Attributes, type Context, type Link, type Span, type SpanContext, type Tracer } from "@opentelemetry/api";
import { defaultResource, resourceFromAttributes } from "@opentelemetry/resources";
import { BatchSpanProcessor, TracerProvider, type Sampler, type SpanExporter } from "@opentelemetry/sdk-trace";
import type { Sequelize } from "sequelize";
import { isRefusal } from "../../lib/errors.ts";
import { reasonOf } from "../log/reason.ts";
import { currentScope, inScope } from "../log/scope.ts";
import { within } from "../within.ts";
import { traceModelQueries } from "./model-queries.ts";

export interface SpanGiven {
  /** Which of our services does it: each is a service of its own to the collector. */
  readonly service: string;
  readonly name: string;
  readonly kind?: keyof typeof SpanKind;
  readonly attributes?: Attributes;
  /** In place of the current span. */
  readonly parent?: string | undefined;
  /** The traceparents of others that this was done for too. */
  readonly links?: readonly string[];
}

interface TracedEvent { readonly id: string; readonly type: string; readonly traceparent?: string }

/** A busy node makes ten thousand spans a second: what does not fit is dropped, and waits in nobody's way. */
const QUEUE_MAX = 16_384;
const BATCH_MAX = 1_024;
const EVERY_MS = 1_000;
const CLOSE_MS = 2_000;

/** The spans of a node. The current span is the scope's `traceparent`, which travels with calls, events and rows whether anybody records or not: nothing global, one mechanism.
 *  It exists only where OTEL_EXPORTER_OTLP_ENDPOINT is set. */
export class Tracing {
  readonly #processor: BatchSpanProcessor;
  readonly #sampler: Sampler;
  readonly #tracers = new Map<string, Tracer>();

  constructor(exporter: SpanExporter, sampler: Sampler) {
    this.#processor = new BatchSpanProcessor({ exporter, maxQueueSize: QUEUE_MAX, maxExportBatchSize: BATCH_MAX, scheduledDelayMillis: EVERY_MS });
    this.#sampler = sampler;
  }

  /** Does the work in a span below the current one. Work that nobody asked for is not traced, nor what its request decided not to record. */
  span<T>(given: SpanGiven, work: () => Promise<T>): Promise<T> {
    return isRecorded(currentScope()?.traceparent) ? this.#run(given, work) : work();
  }

  /** The span of a request, with which a trace begins when the client has not begun one. */
  request<T>(given: SpanGiven, work: (span: Span) => Promise<T>): Promise<T> {
    return this.#run(given, work);
  }

  /** A span that nothing stands below: the work is not told of it. */
  leaf<T>(given: SpanGiven, work: () => Promise<T>): Promise<T> {
    const end = this.begin(given);
    if (!end) return work();
    const done = work();
    done.then(() => end(), end);
    return done;
  }

  /** A leaf that begins now. @returns what ends it; undefined: it is not recorded */
  begin(given: SpanGiven): ((error?: unknown) => void) | undefined {
    if (!isRecorded(currentScope()?.traceparent)) return undefined;
    const span = this.#start(given);
    return (error) => { if (error !== undefined) fail(span, error); span.end(); };
  }

  /** Events that are handed on, or applied, together: a span for each, in the trace that it came from. What is done for all of them stands below the first, to which the others link.
   *  @returns the events with their spans as `traceparent` */
  events<E extends TracedEvent>(service: string, deed: "publish" | "process", events: readonly E[]): { readonly events: readonly E[]; around<T>(work: () => Promise<T>): Promise<T> } {
    const spans: Span[] = [];
    const started = events.map((event): E => {
      if (!isRecorded(event.traceparent)) return event;
      const attributes = { "messaging.operation.type": deed === "publish" ? "send" : "process", "messaging.destination.name": event.type, "messaging.message.id": event.id, "messaging.batch.message_count": events.length };
      const span = this.#start({ service, name: `${deed} ${event.type}`, kind: deed === "publish" ? "PRODUCER" : "CONSUMER", attributes, parent: event.traceparent, ...(spans[0] ? { links: [traceparentOf(spans[0])] } : {}) });
      spans.push(span);
      return { ...event, traceparent: traceparentOf(span) };
    });
    return { events: started, around: (work) => around(spans, work) };
  }

  /** The statements of models, too. */
  ofModels(sequelize: Sequelize, service: string): void {
    traceModelQueries(sequelize, this, service);
  }

  /** Hands over what is recorded, as far as the collector takes it in time. */
  async close(): Promise<void> {
    await within(CLOSE_MS, this.#processor.shutdown());
  }

  #run<T>(given: SpanGiven, work: (span: Span) => Promise<T>): Promise<T> {
    const span = this.#start(given);
    return around([span], () => inScope({ ...currentScope(), service: given.service, traceparent: traceparentOf(span) }, () => work(span)));
  }

  #start({ service, name, kind = "INTERNAL", attributes, links, parent = currentScope()?.traceparent }: SpanGiven): Span {
    return this.#tracer(service).startSpan(name, { kind: SpanKind[kind], ...(attributes ? { attributes } : {}), ...(links ? { links: links.map(linkTo) } : {}) }, contextOf(parent));
  }

  #tracer(service: string): Tracer {
    let tracer = this.#tracers.get(service);
    if (!tracer) {
      const resource = defaultResource().merge(resourceFromAttributes({ "service.name": service, "service.namespace": "beaveros", "service.instance.id": `${hostname()}-${process.pid}`, "host.name": hostname() }));
      const provider = new TracerProvider({ resource, sampler: this.#sampler, spanProcessors: [this.#processor] });
      this.#tracers.set(service, (tracer = provider.getTracer("beaveros")));
    }
    return tracer;
  }
}

async function around<T>(spans: readonly Span[], work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    for (const span of spans) fail(span, error);
    throw error;
  } finally {
    for (const span of spans) span.end();
  }
}

/** A no by the rules is an answer, not a fault. What a message may quote stays out of traces as it stays out of logs. */
function fail(span: Span, error: unknown): void {
  if (isRefusal(error)) span.setAttribute("error.type", error.type);
  if (isRefusal(error) && error.code < 500) return;
  span.setStatus({ code: SpanStatusCode.ERROR, message: reasonOf(error) });
}

export function traceparentOf(span: Span): string {
  const { traceId, spanId, traceFlags } = span.spanContext();
  return `00-${traceId}-${spanId}-${traceFlags & TraceFlags.SAMPLED ? "01" : "00"}`;
}

/** The edge has decided, and said so in the last digit. */
const isRecorded = (traceparent: string | undefined): boolean => traceparent !== undefined && (parseInt(traceparent[54]!, 16) & TraceFlags.SAMPLED) !== 0;

const contextOf = (traceparent: string | undefined): Context => (traceparent ? trace.setSpanContext(ROOT_CONTEXT, spanContextOf(traceparent)) : ROOT_CONTEXT);
const linkTo = (traceparent: string): Link => ({ context: spanContextOf(traceparent) });

/** @param traceparent of our own making, or checked at the edge */
function spanContextOf(traceparent: string): SpanContext {
  return { traceId: traceparent.slice(3, 35), spanId: traceparent.slice(36, 52), traceFlags: parseInt(traceparent.slice(53, 55), 16) & TraceFlags.SAMPLED, isRemote: true };
}

import { randomBytes } from "node:crypto";
import { hostname } from "node:os";
import type { BrokerOptions } from "moleculer";
import { clusterMiddleware } from "./middlewares/cluster.ts";
import { identityMiddleware } from "./middlewares/identity.ts";
import { isolationMiddleware } from "./middlewares/isolation.ts";
import { metricsMiddlewares } from "./middlewares/metrics.ts";
import { settledMiddleware } from "./middlewares/settled.ts";
import { tracingMiddleware } from "./middlewares/tracing.ts";
import { RefusalRegenerator } from "./middlewares/regenerator.ts";
import { TypeBoxValidator } from "./middlewares/validator.ts";
import { StoreAffinity } from "./node/affinity.ts";
import type { Environment } from "./node/environment.ts";
import { BrokerLog, type Log } from "./node/log/log.ts";
import { NatsTransporter } from "./node/gather-writes.ts";
import type { NodeMetrics } from "./node/metrics/node-metrics.ts";
import type { Tracing } from "./node/tracing/tracing.ts";
import { natsOptions } from "./node/nats.ts";
import type { Secrets } from "./node/secrets.ts";

/** Who looks on: each is there only where it is switched on. */
export interface Watchers { readonly metrics?: NodeMetrics | undefined; readonly tracing?: Tracing | undefined }

export const NAMESPACE = "beaveros";

export const REQUEST_TIMEOUT_MS = 10_000;

/** The broker of a node. Several of Moleculer's defaults are wrong for a shop, so everything that matters is said here. */
export function brokerOptions(environment: Pick<Environment, "nats">, secrets: Pick<Secrets, "nats">, log: Log, { metrics, tracing }: Watchers = {}): BrokerOptions {
  const counted = metrics && metricsMiddlewares(metrics);
  const { nats } = environment;
  return {
    namespace: NAMESPACE,
    nodeID: nodeName(nats?.user ?? secrets.nats.user),
    // CBOR keeps buffers as they are and is the quickest of Moleculer's serializers (docs/adr/0011-cluster.md).
    ...(nats ? { transporter: new NatsTransporter(natsOptions(nats, secrets, "beaveros-calls")) as never, serializer: "CBOR" } : { transporter: null }),
    logger: new BrokerLog(log) as never,
    // The default waits for ever. The database gives up before (statement_timeout), the edge answers after.
    requestTimeout: REQUEST_TIMEOUT_MS,
    maxCallLevel: 20,
    // A dead node is noticed in 4 s instead of 55: cluster.ts looks each second.
    heartbeatInterval: 1,
    heartbeatTimeout: 3,
    // A stop waits for the requests under way.
    tracking: { enabled: true, shutdownTimeout: 10_000 },
    // The default keeps a service that has started from the others for a second, while its node says that it is ready: after a restart that is a second without it.
    transit: { serviceChangedDebounceTime: 0 } as never,
    registry: { strategy: StoreAffinity as never, preferLocal: true, stopDelay: 100 },
    circuitBreaker: { enabled: true, threshold: 0.5, minRequestCount: 20, windowTime: 10, halfOpenTime: 2_000, check: (error: Error) => ((error as { code?: number }).code ?? 0) >= 500 },
    // Off: a retry may run an action twice. Idempotent actions switch it on in their contract.
    retryPolicy: { enabled: false, retries: 2, delay: 50, maxDelay: 500, factor: 2, check: (error: Error) => (error as { retryable?: boolean }).retryable === true },
    bulkhead: { enabled: true, concurrency: 200, maxQueueSize: 2_000 },
    metrics: false,
    tracing: false,
    validator: new TypeBoxValidator() as never,
    errorRegenerator: new RefusalRegenerator(),
    // $node.options would tell anybody on the bus our settings.
    internalServices: false,
    internalMiddlewares: false,
    skipProcessEventRegistration: true,
    // In this order, from the handler outwards. The guard stands outside the cache, so that a hit does not skip the permission;
    // the time-out stands inside the breaker, so that a time-out counts.
    middlewares: [
      ...(nats ? [clusterMiddleware()] : []), isolationMiddleware(), "ActionHook", "Validator", settledMiddleware(), ...(counted ? [counted.inner] : []), "Bulkhead", ...(tracing ? [tracingMiddleware(tracing)] : []), identityMiddleware(), "ContextTracker", "Timeout", "CircuitBreaker", "Retry", "ErrorHandler", ...(counted ? [counted.outer] : []),
    ] as never,
  };
}

/** Two nodes never share one. The NATS permissions of a user cover the names that start with the user's own. */
function nodeName(user: string): string {
  return `${user}.${hostname().replace(/[^A-Za-z0-9-]/g, "-")}-${process.pid}-${randomBytes(3).toString("hex")}`;
}

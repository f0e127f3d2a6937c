/** Every metric of a node: what METRICS_PORT serves, what dashboards and alert rules may name, what docs/operations.md explains. Nothing else is served. */
export interface MetricEntry { readonly name: string; readonly type: "counter" | "gauge" | "histogram"; readonly labels: readonly string[]; readonly help: string; readonly buckets?: readonly number[] }

/** Seconds. A sale takes 5 to 50 ms; the edge answers for others after 10 s at the latest. */
const DURATION_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
/** Seconds. An event is applied within 0.2 s; what waits longer than minutes waits for a person. */
const LAG_BUCKETS = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900];

const entry = <const E extends MetricEntry>(given: E): E => given;

/** No label holds a tenant, an id or a free text: how many series there are depends on the code and on nothing that a client sends. */
export const METRICS = {
  httpRequestDuration: entry({ name: "beaveros_http_request_duration_seconds", type: "histogram", labels: ["route", "method", "status"], buckets: DURATION_BUCKETS, help: "REST requests, by route pattern (unrouted: no such path), method and status" }),
  httpRequestsInFlight: entry({ name: "beaveros_http_requests_in_flight", type: "gauge", labels: [], help: "REST requests under way at this edge" }),

  actionDuration: entry({ name: "beaveros_action_duration_seconds", type: "histogram", labels: ["action", "outcome"], buckets: DURATION_BUCKETS, help: "Action calls where they run. outcome: ok, refused (the user's or the world's no), unavailable (not now), failed (our bug)" }),
  refusals: entry({ name: "beaveros_refusals_total", type: "counter", labels: ["action", "code"], help: "Refused calls by error code; repetitions of a remembered refusal do not count" }),
  bulkheadQueue: entry({ name: "beaveros_bulkhead_queue", type: "gauge", labels: ["action"], help: "Calls that wait because as many of the action already run as the bulkhead lets in" }),
  circuitBreakerState: entry({ name: "beaveros_circuit_breaker_state", type: "gauge", labels: ["action"], help: "0 closed, 1 half-open, 2 open, as this node sees the action's callees; absent until the breaker has opened once" }),

  eventsPublished: entry({ name: "beaveros_events_published_total", type: "counter", labels: ["service", "type"], help: "Events that the service's outbox relay has handed to the bus" }),
  eventsConsumed: entry({ name: "beaveros_events_consumed_total", type: "counter", labels: ["service", "type"], help: "Events that the consuming service has applied, each once" }),
  inboxLag: entry({ name: "beaveros_inbox_lag_seconds", type: "histogram", labels: ["service"], buckets: LAG_BUCKETS, help: "From the time of an event to its commit in the consuming service" }),
  outboxWaiting: entry({ name: "beaveros_outbox_waiting", type: "gauge", labels: ["service"], help: "Committed events that have not left the outbox" }),
  outboxOldestAge: entry({ name: "beaveros_outbox_oldest_age_seconds", type: "gauge", labels: ["service"], help: "Age of the oldest event that has not left; 0 when none waits" }),
  deadLetters: entry({ name: "beaveros_dead_letters", type: "gauge", labels: ["service"], help: "Events that the consuming service could not apply and laid aside" }),

  sagas: entry({ name: "beaveros_sagas", type: "gauge", labels: ["service", "kind", "state"], help: "Sagas that have not ended. state: running, compensating, stuck (a person must look)" }),
  sagasEnded: entry({ name: "beaveros_sagas_ended_total", type: "counter", labels: ["service", "kind", "outcome"], help: "Sagas that ended here. outcome: completed, compensated, stuck" }),

  databaseUp: entry({ name: "beaveros_database_up", type: "gauge", labels: ["service"], help: "1 when the service's database answered the last look, 0 when it did not" }),
  poolConnections: entry({ name: "beaveros_database_pool_connections", type: "gauge", labels: ["service", "role", "state"], help: "Connections of a pool. role: service, worker. state: in_use, idle" }),
  poolSize: entry({ name: "beaveros_database_pool_size", type: "gauge", labels: ["service", "role"], help: "The most connections that the pool opens" }),
  poolWaiting: entry({ name: "beaveros_database_pool_waiting", type: "gauge", labels: ["service", "role"], help: "Transactions that wait for a connection" }),
  databaseTransactions: entry({ name: "beaveros_database_transactions_total", type: "counter", labels: ["service", "role"], help: "Transactions begun" }),
  databaseStatements: entry({ name: "beaveros_database_statements_total", type: "counter", labels: ["service", "role"], help: "Statements sent, BEGIN and COMMIT included" }),

  natsConnected: entry({ name: "beaveros_nats_connected", type: "gauge", labels: [], help: "1 while the node is connected to NATS, 0 while it is not; absent without NATS_URL" }),
  rateLimitsShared: entry({ name: "beaveros_rate_limits_shared", type: "gauge", labels: ["store"], help: "1 while the edges count rate limits together in Redis, 0 while this one counts by itself because Redis is away; absent without REDIS_URL" }),
  ready: entry({ name: "beaveros_ready", type: "gauge", labels: [], help: "1 when /health/ready of this node answers 200" }),

  sales: entry({ name: "beaveros_sales_total", type: "counter", labels: ["channel", "currency"], help: "Completed sales, counted where their event is published" }),
  salesAmount: entry({ name: "beaveros_sales_amount_minor_total", type: "counter", labels: ["currency"], help: "Gross total of completed sales, in minor units" }),
  refunds: entry({ name: "beaveros_refunds_total", type: "counter", labels: ["currency"], help: "Refunded payments, counted where their event is published" }),
  refundsAmount: entry({ name: "beaveros_refunds_amount_minor_total", type: "counter", labels: ["currency"], help: "Refunded amounts, in minor units" }),
  salesRefused: entry({ name: "beaveros_sales_refused_total", type: "counter", labels: ["reason"], help: "Sales that were refused. reason: out_of_stock, payment_declined" }),
  auditDifferences: entry({ name: "beaveros_audit_differences_total", type: "counter", labels: ["check"], help: "Rows that the audits of this node found to differ; 0 for a check that found none" }),

  processCpu: entry({ name: "process_cpu_seconds_total", type: "counter", labels: [], help: "User and system CPU time of the process" }),
  processMemory: entry({ name: "process_resident_memory_bytes", type: "gauge", labels: [], help: "Resident memory of the process" }),
  processStart: entry({ name: "process_start_time_seconds", type: "gauge", labels: [], help: "When the process started, in Unix time" }),
  heapUsed: entry({ name: "nodejs_heap_size_used_bytes", type: "gauge", labels: [], help: "JavaScript heap in use" }),
  eventLoopLagMean: entry({ name: "nodejs_eventloop_lag_mean_seconds", type: "gauge", labels: [], help: "Mean delay of the event loop since the last scrape" }),
  eventLoopLagP99: entry({ name: "nodejs_eventloop_lag_p99_seconds", type: "gauge", labels: [], help: "99th percentile of the event loop's delay since the last scrape" }),
} as const;

export type MetricKey = keyof typeof METRICS;

import type { ServiceBroker } from "moleculer";
import type { ServiceContract } from "../lib/contract.ts";
import { invariant } from "../lib/errors.ts";
import { Database } from "../mixins/database.ts";
import type { Environment, ServiceName } from "./environment.ts";
import type { EventBus } from "./event-bus.ts";
import type { NodeMetrics } from "./metrics/node-metrics.ts";
import type { Tracing } from "./tracing/tracing.ts";
import { rolePassword, roleOf, workerRoleOf } from "./roles.ts";
import type { Secrets } from "./secrets.ts";
import { Tokens } from "./tokens.ts";

export interface Pool { readonly service: string; readonly role: "service" | "worker"; readonly database: Database }

/** What a node gives to the services that it hosts. Kept beside the broker and not in its metadata, which every node is told. */
export interface Platform {
  /** Only where METRICS_PORT is set. */
  readonly metrics?: NodeMetrics | undefined;
  /** Only where OTEL_EXPORTER_OTLP_ENDPOINT is set. */
  readonly tracing?: Tracing | undefined;
  readonly environment: Environment;
  readonly secrets: Secrets;
  readonly tokens: Tokens;
  readonly bus: EventBus;
  readonly contracts: readonly ServiceContract[];
  /** Superuser-free: as the service's own role, one tenant at a time. */
  database(service: string): Database;
  /** As the service's worker role: relay, saga sweeper, clean-up. */
  worker(service: string): Database;
  /** Those that have been opened, for the gauges. */
  pools(): readonly Pool[];
  close(): Promise<void>;
}

const platforms = new WeakMap<object, Platform>();

export function attachPlatform(broker: ServiceBroker, platform: Platform): void {
  platforms.set(broker, platform);
}

export function platformOf(broker: ServiceBroker): Platform {
  const platform = platforms.get(broker);
  invariant(platform, "the broker was started without a platform");
  return platform;
}

const WORKER_POOL_SIZE = 3;

export function makePlatform(given: { environment: Environment; secrets: Secrets; databaseUrl: string; bus: EventBus; contracts: readonly ServiceContract[]; metrics?: NodeMetrics | undefined; tracing?: Tracing | undefined }): Platform {
  const pools = new Map<string, Pool>();
  const pool = (service: string, role: string, size: number): Database => {
    let database = pools.get(role)?.database;
    if (!database) {
      const url = given.environment.serviceDatabaseUrls[service as ServiceName] ?? given.databaseUrl;
      database = new Database({ url, user: role, password: rolePassword(given.secrets, role), size, service, tracing: given.tracing });
      pools.set(role, { service, role: role === roleOf(service) ? "service" : "worker", database });
    }
    return database;
  };
  return {
    environment: given.environment,
    secrets: given.secrets,
    tokens: new Tokens(given.secrets),
    bus: given.bus,
    contracts: given.contracts,
    metrics: given.metrics,
    tracing: given.tracing,
    database: (service) => pool(service, roleOf(service), given.environment.poolSize),
    worker: (service) => pool(service, workerRoleOf(service), WORKER_POOL_SIZE),
    pools: () => [...pools.values()],
    close: async () => { await Promise.all([...pools.values()].map(({ database }) => database.close())); },
  };
}

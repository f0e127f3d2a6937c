import type { ServiceBroker } from "moleculer";
import { outsideTransaction, sql, type Database } from "../mixins/database.ts";
import { clockTrouble } from "./clock.ts";
import { discordOf } from "./discord.ts";
import { DATABASE_SERVICES } from "./environment.ts";
import { contractBeyond, migrationsOf } from "./migrate.ts";
import { platformOf } from "./platform.ts";
import { within } from "./within.ts";

/** What keeps a node from serving: a name for dashboards, a sentence for people. */
export interface Obstacle { readonly dependency: string; readonly detail: string }

const PING_TIMEOUT_MS = 2_000;
/** Probes of the orchestrator, the load balancer and the metrics page share an answer this long. */
const FRESH_MS = 250;
const APPLIED = sql("readiness.migrations", "SELECT name FROM schema_migration");
const CLOCK = sql("readiness.clock", "SELECT (extract(epoch FROM clock_timestamp()) * 1000)::float8 AS now");

const known = new WeakMap<ServiceBroker, Readiness>();

/** One per node: /health/* of the edge and of the operations port answer the same. */
export function readinessOf(broker: ServiceBroker): Readiness {
  let readiness = known.get(broker);
  if (!readiness) known.set(broker, (readiness = new Readiness(broker)));
  return readiness;
}

export class Readiness {
  readonly #broker: ServiceBroker;
  readonly #migrated = new Set<string>();
  readonly #checks = new Map<string, Promise<Obstacle | undefined>>();
  readonly #whenDraining: (() => void)[] = [];
  #draining = false;

  constructor(broker: ServiceBroker) {
    this.#broker = broker;
  }

  /** From now on not ready: what is under way is finished, nothing new should come. */
  drain(): void {
    if (this.#draining) return;
    this.#draining = true;
    for (const begin of this.#whenDraining) begin();
  }

  /** Called once, when a stop begins: before the services wait for their calls. */
  onDrain(begin: () => void): void {
    this.#whenDraining.push(begin);
  }

  get isDraining(): boolean {
    return this.#draining;
  }

  /** undefined where there is no transporter. */
  get natsConnected(): boolean | undefined {
    const { transit } = this.#broker as unknown as { transit: { connected: boolean } | null };
    const { connected: eventsTravel = true } = platformOf(this.#broker).bus as { connected?: boolean };
    return transit ? transit.connected && eventsTravel : undefined;
  }

  /** Started: the services run, on a schema at least as new as the code. @returns undefined when so */
  async whyNotStarted(): Promise<Obstacle | undefined> {
    if (!(this.#broker as unknown as { started: boolean }).started) return { dependency: "node", detail: "The services are being started" };
    return first(this.#hosted().map((service) => this.#once(`schema ${service}`, () => this.#checkSchema(service))));
  }

  /** Ready: started, not stopping, in touch with the others, every own database answers, and (with an edge) every service can be reached.
   *  @returns undefined when so */
  async whyNotReady(): Promise<Obstacle | undefined> {
    if (this.#draining || (this.#broker as unknown as { stopping: boolean }).stopping) return { dependency: "node", detail: "The node is stopping" };
    if (this.natsConnected === false) return { dependency: "nats", detail: "The node is not connected to NATS" };
    const discord = discordOf(this.#broker);
    if (discord !== undefined) return { dependency: "cluster", detail: discord };
    return (await this.whyNotStarted()) ?? (await first(this.#hosted().map((service) => this.#once(`ping ${service}`, () => this.#ping(service))))) ?? this.#missingService();
  }

  #hosted(): string[] {
    return DATABASE_SERVICES.filter((name) => this.#broker.getLocalService(name));
  }

  /** Many probes, one look: while a pool is exhausted, probes must not queue up behind it. */
  #once(name: string, check: () => Promise<Obstacle | undefined>): Promise<Obstacle | undefined> {
    let under = this.#checks.get(name);
    if (!under) {
      this.#checks.set(name, (under = outsideTransaction(check)));
      void under.finally(() => setTimeout(() => this.#checks.delete(name), FRESH_MS).unref());
    }
    return under;
  }

  async #checkSchema(service: string): Promise<Obstacle | undefined> {
    if (this.#migrated.has(service)) return undefined;
    const applied = await within(PING_TIMEOUT_MS, appliedTo(platformOf(this.#broker).database(service)));
    if (!applied) return silent(service);
    const missing = migrationsOf(service).find(({ name }) => !applied.has(name));
    if (missing) return { dependency: `${service} schema`, detail: `The schema of ${service} lacks ${missing.name}: run the migrations` };
    const tooNew = contractBeyond(service, applied);
    if (tooNew) return { dependency: `${service} schema`, detail: tooNew };
    this.#migrated.add(service);
    return undefined;
  }

  async #ping(service: string): Promise<Obstacle | undefined> {
    const askedAt = Date.now();
    const now = await within(PING_TIMEOUT_MS, clockOf(platformOf(this.#broker).database(service)));
    if (now === undefined) return silent(service);
    const detail = clockTrouble(now, askedAt, Date.now());
    return detail === undefined ? undefined : { dependency: "clock", detail };
  }

  /** An edge without its services would answer 503 to everything. */
  #missingService(): Obstacle | undefined {
    if (!this.#broker.getLocalService("api")) return undefined;
    const { services } = (this.#broker.registry as unknown as { services: { services: { name: string }[] } }).services;
    const missing = platformOf(this.#broker).contracts.find(({ name }) => !services.some((service) => service.name === name));
    return missing && { dependency: missing.name, detail: `No node offers ${missing.name}` };
  }
}

const silent = (service: string): Obstacle => ({ dependency: `${service} database`, detail: `The database of ${service} does not answer` });

const first = async (checks: Promise<Obstacle | undefined>[]): Promise<Obstacle | undefined> => (await Promise.all(checks)).find((obstacle) => obstacle);

/** No tenant's rows are looked at. */
function appliedTo(database: Database): Promise<Set<string>> {
  return database.asWorker(async (tx) => new Set((await tx.query<{ name: string }>(APPLIED)).map((row) => row.name)));
}

/** What time it is at the database, in ms. */
function clockOf(database: Database): Promise<number> {
  return database.asWorker(async (tx) => (await tx.query<{ now: number }>(CLOCK))[0]!.now);
}

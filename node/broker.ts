import { ServiceBroker, type ServiceSchema } from "moleculer";
import { brokerOptions } from "../moleculer.config.ts";
import { contracts } from "../services/contracts.ts";
import type { Environment, ServiceName } from "./environment.ts";
import { LocalEventBus, type EventBus } from "./event-bus.ts";
import { openLog, type Log } from "./log/log.ts";
import { JetStreamBus } from "./jetstream-bus.ts";
import { natsOptions } from "./nats.ts";
import { tellOfNeighbours } from "./neighbours.ts";
import { attachPlatform, makePlatform, type Platform } from "./platform.ts";
import { readinessOf } from "./readiness.ts";
import type { Secrets } from "./secrets.ts";
import { closePorts, openPorts, openWatchers, showNode, type Ports } from "./watchers.ts";

export interface Node { readonly broker: ServiceBroker; readonly platform: Platform; readonly ports: Ports; stop(): Promise<void> }

interface Given { readonly environment: Environment; readonly secrets: Secrets; readonly databaseUrl: string; readonly services?: readonly ServiceName[]; readonly log?: Log; readonly ports?: Ports }

const STARTING = () => ({ dependency: "node", detail: "The services are being started" });

/** A started broker with the services that the environment names. No service knows in which shape it runs.
 *  @param given.ports those that are open already: they are the node's from here on, and closed with it */
export async function startNode(given: Given): Promise<Node> {
  const log = given.log ?? await openLog(given.environment);
  const watchers = await openWatchers(given.environment, log);
  const broker = new ServiceBroker(brokerOptions(given.environment, given.secrets, log, watchers));
  const bus = await eventBus(given.environment, given.secrets, broker);
  const platform = makePlatform({ ...given, bus, contracts, ...watchers });
  attachPlatform(broker, platform);
  tellOfNeighbours(broker);
  for (const name of given.services ?? given.environment.services) broker.createService(await loadService(name));
  const ports = given.ports ?? await openPorts(given.environment, given.services ?? given.environment.services, STARTING);
  watchers.metrics?.watchBreakers(broker);
  showNode(ports, broker);
  await broker.start();
  await bus.start();
  return {
    broker, platform, ports,
    async stop() {
      // The relays hand over what is committed before the bus goes, and the consumers finish their batch before the pools do.
      readinessOf(broker).drain();
      await broker.stop();
      await bus.stop();
      await closePorts(ports);
      await platform.close();
      await watchers.tracing?.close();
    },
  };
}

async function eventBus({ nats }: Environment, secrets: Secrets, broker: ServiceBroker): Promise<EventBus> {
  return nats ? JetStreamBus.connect(natsOptions(nats, secrets, "beaveros-events"), broker.getLogger("events") as never, nats.replicas) : new LocalEventBus();
}

async function loadService(name: ServiceName): Promise<ServiceSchema> {
  const module = await import(`../services/${name}/${name}.service.ts`) as { default: ServiceSchema };
  return module.default;
}

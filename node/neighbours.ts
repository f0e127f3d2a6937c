import type { ServiceBroker } from "moleculer";
import { readinessOf } from "./readiness.ts";

interface Neighbour { readonly id: string; readonly local: boolean; readonly services?: readonly { readonly name: string }[] }
interface Change { readonly node: Neighbour; readonly unexpected?: boolean; readonly reconnected?: boolean }

/** So long after its start a node meets those that were there before. */
const MEETING_MS = 5_000;

/** One line for each node that comes or goes, in place of Moleculer's several. At the start and the end of a node they come and go in crowds, and nobody needs to know. */
export function tellOfNeighbours(broker: ServiceBroker): void {
  const log = broker.getLogger("cluster");
  const bus = (broker as unknown as { localBus: NodeJS.EventEmitter }).localBus;
  const meetsUntil = Date.now() + MEETING_MS;
  const level = () => (Date.now() > meetsUntil && !readinessOf(broker).isDraining ? "info" : "debug");
  bus.on("$node.connected", ({ node, reconnected }: Change) => log[level()]({ services: servicesOf(node) }, `The node ${node.id} ${reconnected ? "is back" : "has joined"}`));
  bus.on("$node.disconnected", ({ node, unexpected }: Change) => {
    if (unexpected && level() === "info") log.warn({ services: servicesOf(node) }, `The node ${node.id} is gone without a word: others do its work`);
    else log[level()]({ services: servicesOf(node) }, `The node ${node.id} has left`);
  });
}

const servicesOf = ({ services = [] }: Neighbour): string => services.map(({ name }) => name).join(", ");

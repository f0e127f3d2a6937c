import jwt from "jsonwebtoken";
import { Errors, type ActionSchema, type Context, type Middleware, type ServiceBroker } from "moleculer";
import { platformOf } from "../node/platform.ts";

/** Grows with a change of actions or events that older nodes would misread. Additive changes leave it: they serve side by side. */
export const CLUSTER_VERSION = 1;
const AUDIENCE = "beaveros-node";
const LOOK_MS = 1_000;

interface Info { sender: string; services: { name: string }[]; metadata?: { clusterVersion?: number; startedAt?: number; proofs?: Record<string, string> } }
interface Packet { type: string; payload: Info }
interface Connection { status(): AsyncIterable<{ type: string }> }
interface Transit { broker: ServiceBroker; tx: { client: Connection }; removePendingRequestByNodeID(nodeID: string): void }

/** What a node says about itself is believed when it proves it: a service's place is taken only by who holds the service's key. */
export function clusterMiddleware(): Middleware {
  const refused = new Map<string, string>();
  let look: NodeJS.Timeout | undefined;
  let away = false;
  /** Answers under way are lost with the connection, and Moleculer would wait out the time of each: a till hears at once that it must ask again. */
  const watch = async (transit: Transit) => {
    for await (const { type } of transit.tx.client.status()) {
      if (type === "reconnect") away = false;
      if (type !== "disconnect") continue;
      away = true;
      const { nodes } = (transit.broker as unknown as { registry: { nodes: { toArray(): { id: string; local: boolean }[] } } }).registry;
      for (const { id, local } of nodes.toArray()) if (!local) transit.removePendingRequestByNodeID(id);
    }
  };
  return {
    name: "Cluster",
    remoteAction(next: (ctx: Context) => Promise<unknown>, action: ActionSchema) {
      return (ctx: Context) => (away ? Promise.reject(new Errors.RequestRejectedError({ action: action.name!, nodeID: ctx.nodeID! })) : next(ctx));
    },
    transitPublish(this: unknown, next: (packet: Packet) => unknown) {
      return function publish(this: Transit, packet: Packet) {
        if (packet.type === "INFO") packet.payload.metadata = introduce(this.broker, packet.payload);
        return next.call(this, packet);
      };
    },
    transitMessageHandler(this: unknown, next: (command: string, packet: Packet) => unknown) {
      return function receive(this: Transit, command: string, packet: Packet) {
        if (command !== "INFO" || packet.payload.sender === this.broker.nodeID) return next.call(this, command, packet);
        const reason = objectionTo(this.broker, packet.payload);
        if (reason === undefined) return next.call(this, command, packet);
        if (refused.get(packet.payload.sender) !== reason) this.broker.logger.error({ node: packet.payload.sender }, reason);
        refused.set(packet.payload.sender, reason);
        return Promise.resolve(false);
      };
    },
    // Moleculer looks for silent nodes as seldom as a node may be silent; twice that is too long for a till that waits.
    started(broker: ServiceBroker) {
      const { discoverer } = (broker as unknown as { registry: { discoverer: { checkRemoteNodes(): void } } }).registry;
      look = setInterval(() => discoverer.checkRemoteNodes(), LOOK_MS);
      look.unref();
      void watch((broker as unknown as { transit: Transit }).transit);
    },
    stopped() {
      clearInterval(look);
    },
  } as unknown as Middleware;
}

/** The proof names the node, so that it is of no use to another. */
function introduce(broker: ServiceBroker, info: Info): NonNullable<Info["metadata"]> {
  const { secrets } = platformOf(broker);
  const proofs = Object.fromEntries(info.services.map(({ name }) => [name, jwt.sign({}, secrets.serviceKey(name), { algorithm: "ES256", audience: AUDIENCE, subject: broker.nodeID, keyid: name })]));
  return { ...info.metadata, clusterVersion: CLUSTER_VERSION, proofs };
}

/** @returns one sentence that says why this node is not let in; undefined: it is */
function objectionTo(broker: ServiceBroker, { sender, services, metadata }: Info): string | undefined {
  const version = metadata?.clusterVersion;
  if (version !== CLUSTER_VERSION) return `The node ${sender} speaks cluster version ${version ?? "of another system"} and this one ${CLUSTER_VERSION}: they do not call each other. Bring all nodes to one version.`;
  const unproven = services.find(({ name }) => !proves(broker, name, sender, metadata?.proofs?.[name]));
  return unproven && `The node ${sender} claims to be ${unproven.name} and does not prove it: it is not called.`;
}

function proves(broker: ServiceBroker, service: string, node: string, proof: string | undefined): boolean {
  const key = platformOf(broker).secrets.servicePublicKey(service);
  if (!key || !proof) return false;
  try {
    jwt.verify(proof, key, { algorithms: ["ES256"], audience: AUDIENCE, subject: node });
    return true;
  } catch {
    return false;
  }
}

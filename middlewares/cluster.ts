import { Errors, type ActionSchema, type Context, type Middleware, type ServiceBroker } from "moleculer";
import { noteDiscord } from "../node/discord.ts";
import { discordWith, introduce, objectionTo, startOf, type Introduction } from "../node/introduction.ts";
import { platformOf } from "../node/platform.ts";

const LOOK_MS = 1_000;
/** Who makes up node names fills no memory. */
const REFUSED_MAX = 1_000;

interface Answer { meta?: Record<string, unknown> | null }
type Packet = { type: "INFO"; payload: Introduction } | { type: "RES"; payload: Answer } | { type: "REQ"; payload: unknown };
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
  const lets = (broker: ServiceBroker, info: Introduction): boolean => {
    // Our own come back to us. Of somebody else's in our name Moleculer would end this process; the names of nodes are random enough.
    if (info.sender === broker.nodeID) return false;
    const objection = objectionTo(platformOf(broker).secrets, info), discord = objection === undefined ? discordWith(info) : undefined;
    if (discord !== undefined) noteDiscord(broker, info, discord);
    const reason = objection ?? discord;
    if (reason !== undefined && refused.get(info.sender) !== reason) {
      broker.logger.error({ node: info.sender }, reason);
      if (refused.size >= REFUSED_MAX) refused.clear();
      refused.set(info.sender, reason);
    }
    return reason === undefined;
  };
  return {
    name: "Cluster",
    created(broker: ServiceBroker) {
      startOf(broker);
    },
    remoteAction(next: (ctx: Context) => Promise<unknown>, action: ActionSchema) {
      return (ctx: Context) => (away ? Promise.reject(new Errors.RequestRejectedError({ action: action.name!, nodeID: ctx.nodeID! })) : next(ctx));
    },
    transitPublish(this: unknown, next: (packet: Packet) => unknown) {
      return function publish(this: Transit, packet: Packet) {
        if (packet.type === "INFO") packet.payload.metadata = introduce(this.broker, packet.payload);
        if (packet.type === "RES") packet.payload.meta = told(packet.payload);
        return next.call(this, packet);
      };
    },
    transitMessageHandler(this: unknown, next: (command: string, packet: Packet) => unknown) {
      return function receive(this: Transit, command: string, packet: Packet) {
        if (command === "RES") (packet.payload as Answer).meta = told(packet.payload as Answer);
        if (command === "INFO" && !lets(this.broker, packet.payload as Introduction)) return Promise.resolve(false);
        return next.call(this, command, packet);
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

/** What a callee may tell its caller beside the answer. Moleculer merges all of its `meta` into the caller's: with the token of another in it, the caller would go on as somebody else. */
const TOLD = ["replayed", "$statusCode"];
const told = ({ meta }: Answer): Record<string, unknown> => Object.fromEntries(TOLD.filter((name) => meta && Object.hasOwn(meta, name)).map((name) => [name, meta![name]]));

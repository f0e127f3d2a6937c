import jwt from "jsonwebtoken";
import type { ServiceBroker } from "moleculer";
import { platformOf } from "./platform.ts";
import type { Secrets } from "./secrets.ts";

/** Grows with a change of actions or events that older nodes would misread. Additive changes leave it: they serve side by side. */
export const CLUSTER_VERSION = 1;
const AUDIENCE = "beaveros-node";

interface Offered { name: string; fullName?: string; actions?: Record<string, { name?: string }> }
/** What a node says about itself: Moleculer's INFO packet, as far as we look at it. */
export interface Introduction { sender: string; services: Offered[]; metadata?: { clusterVersion?: number; startedAt?: number; proofs?: Record<string, string> } }
type Keys = Pick<Secrets, "servicePublicKey">;

const starts = new WeakMap<ServiceBroker, number>();
/** When this node was made, by its own clock. */
export function startOf(broker: ServiceBroker): number {
  if (!starts.has(broker)) starts.set(broker, Date.now());
  return starts.get(broker)!;
}

/** The proof of each service names the node, so that it is of no use to another. */
export function introduce(broker: ServiceBroker, { services, metadata }: Introduction): NonNullable<Introduction["metadata"]> {
  const { secrets } = platformOf(broker);
  const proofs = Object.fromEntries(services.map(({ name }) => [name, jwt.sign({}, secrets.serviceKey(name), { algorithm: "ES256", audience: AUDIENCE, subject: broker.nodeID, keyid: name })]));
  return { ...metadata, clusterVersion: CLUSTER_VERSION, startedAt: startOf(broker), proofs };
}

/** @returns one sentence that says why this node is not let in; undefined: it is */
export function objectionTo(keys: Keys, { sender, services, metadata }: Introduction): string | undefined {
  const unproven = services.find(({ name }) => !proves(keys, name, sender, metadata?.proofs?.[name]));
  if (unproven) return `The node ${sender} claims to be ${unproven.name} and does not prove it: it is not called.`;
  const stretched = services.map(beyondItsName).find((action) => action !== undefined);
  return stretched && `The node ${sender} offers ${stretched} in a service of another name: it is not called.`;
}

/** @returns one sentence when the node misreads what we say, or we what it says */
export function discordWith({ sender, metadata }: Introduction): string | undefined {
  const version = metadata?.clusterVersion;
  return version === CLUSTER_VERSION ? undefined : `The node ${sender} speaks cluster version ${version ?? "of another system"} and this one ${CLUSTER_VERSION}: they do not call each other. Stop the nodes of one version.`;
}

function proves(keys: Keys, service: string, node: string, proof: string | undefined): boolean {
  const key = keys.servicePublicKey(service);
  if (!key || !proof) return false;
  try {
    jwt.verify(proof, key, { algorithms: ["ES256"], audience: AUDIENCE, subject: node });
    return true;
  } catch {
    return false;
  }
}

/** Moleculer routes by the actions' own names: a proof of `order` must not bring `payment.capture` along. @returns such a name */
function beyondItsName({ name, fullName = name, actions = {} }: Offered): string | undefined {
  if (fullName !== name) return fullName;
  return Object.values(actions).map((action) => String(action.name)).find((action) => !action.startsWith(`${name}.`));
}

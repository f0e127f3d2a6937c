import { selects, type KubernetesObject, type Labels, type Selector } from "./kubernetes.ts";

/** A pod of ours, one of another namespace, or (neither given) somebody on the Internet. */
export interface End { readonly labels?: Labels; readonly namespace?: string }
interface Peer { readonly podSelector?: Selector; readonly namespaceSelector?: Selector }
interface Rule { readonly from?: readonly Peer[]; readonly to?: readonly Peer[]; readonly ports?: readonly { readonly port: number; readonly protocol?: string }[] }
interface Policy { readonly podSelector: Selector; readonly policyTypes: readonly string[]; readonly ingress?: readonly Rule[]; readonly egress?: readonly Rule[] }

/** Would the network policies let a connection through? As the API's documentation says: the union of all policies that select the pod, on both sides. */
export function mayConnect(objects: readonly KubernetesObject[], from: End, to: End, port: number): boolean {
  const policies = objects.filter(({ kind }) => kind === "NetworkPolicy").map(({ spec }) => spec as unknown as Policy);
  const passes = (pod: End, other: End, type: "Ingress" | "Egress") => {
    if (!pod.labels || pod.namespace) return true; // not ours to judge
    const over = policies.filter((policy) => policy.policyTypes.includes(type) && selects(policy.podSelector, pod.labels!));
    return over.length === 0 || over.some((policy) => (type === "Ingress" ? policy.ingress : policy.egress)?.some((rule) => fits(rule, other, port)));
  };
  return passes(from, to, "Egress") && passes(to, from, "Ingress");
}

function fits({ from, to, ports }: Rule, other: End, port: number): boolean {
  const peers = from ?? to;
  return (!ports || ports.some((allowed) => allowed.port === port && (allowed.protocol ?? "TCP") === "TCP")) && (!peers || peers.some((peer) => isPeer(peer, other)));
}

function isPeer({ podSelector, namespaceSelector }: Peer, { labels, namespace }: End): boolean {
  if (namespaceSelector) return namespace !== undefined && selects(namespaceSelector, { "kubernetes.io/metadata.name": namespace }) && (!podSelector || selects(podSelector, labels ?? {}));
  return namespace === undefined && labels !== undefined && selects(podSelector!, labels);
}

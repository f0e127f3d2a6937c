import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import { findKubectl } from "../../scripts/kubectl.ts";
import { ROOT } from "../support/source-files.ts";

/* Kubernetes objects as plain data: what the schemas do not say is read through these few shapes. */
export interface EnvironmentVariable { readonly name: string; readonly value?: string; readonly valueFrom?: { readonly secretKeyRef?: { readonly name: string; readonly key: string; readonly optional?: boolean } } }
export interface Probe { readonly httpGet?: { readonly path: string; readonly port: string | number } }
export interface PodContainer {
  readonly name: string; readonly image: string; readonly command?: readonly string[]; readonly env?: EnvironmentVariable[]; readonly envFrom?: readonly { readonly configMapRef: { readonly name: string } }[];
  readonly ports?: readonly { readonly name: string; readonly containerPort: number }[]; readonly volumeMounts?: readonly { readonly name: string; readonly mountPath: string }[];
  readonly startupProbe?: Probe; readonly livenessProbe?: Probe; readonly readinessProbe?: Probe; readonly lifecycle?: { readonly preStop?: { readonly exec?: { readonly command: readonly string[] } } };
  readonly resources?: { readonly requests?: Record<string, string>; readonly limits?: Record<string, string> }; readonly securityContext?: Record<string, unknown>;
}
export interface PodSpec {
  readonly containers: PodContainer[]; readonly initContainers?: PodContainer[]; readonly serviceAccountName?: string; readonly automountServiceAccountToken?: boolean; readonly terminationGracePeriodSeconds?: number;
  readonly securityContext?: Record<string, unknown>; readonly volumes?: readonly ({ readonly name: string; readonly secret?: { readonly secretName: string }; readonly configMap?: { readonly name: string } })[];
}
export type Labels = Readonly<Record<string, string>>;
export interface KubernetesObject {
  readonly apiVersion: string; readonly kind: string; readonly metadata: { readonly name: string; readonly namespace?: string; readonly labels?: Labels };
  readonly spec?: Record<string, unknown>; readonly data?: Record<string, string>;
}
export interface Workload { readonly object: KubernetesObject; readonly labels: Labels; readonly pod: PodSpec; readonly replicas: number }

/** What `kubectl apply -k` would send. @param overlay a folder below k8s/overlays */
export function render(overlay: string): KubernetesObject[] {
  const text = execFileSync(findKubectl(), ["kustomize", join(ROOT, "k8s", "overlays", overlay)], { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  return parseAllDocuments(text).map((document) => document.toJS() as KubernetesObject);
}

/** Everything that makes pods. */
export function workloadsOf(objects: readonly KubernetesObject[]): Workload[] {
  return objects.flatMap((object) => {
    const { template, replicas = 1 } = (object.spec ?? {}) as { template?: { metadata: { labels: Labels }; spec: PodSpec }; replicas?: number };
    return template ? [{ object, labels: template.metadata.labels, pod: template.spec, replicas }] : [];
  });
}

export const named = (objects: readonly KubernetesObject[], kind: string, name: string): KubernetesObject | undefined => objects.find((object) => object.kind === kind && object.metadata.name === name);

export interface Selector { readonly matchLabels?: Labels; readonly matchExpressions?: readonly { readonly key: string; readonly operator: "In" | "NotIn"; readonly values: readonly string[] }[] }

/** Does the label selector select these labels? */
export function selects({ matchLabels = {}, matchExpressions = [] }: Selector, labels: Labels): boolean {
  return Object.entries(matchLabels).every(([key, value]) => labels[key] === value)
    && matchExpressions.every(({ key, operator, values }) => values.includes(labels[key] ?? "") === (operator === "In"));
}

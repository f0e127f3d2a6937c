import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Container } from "./container.ts";
import { named, type KubernetesObject, type PodContainer, type Workload } from "./kubernetes.ts";

/** The secrets of a deployment as `npm run secrets` writes them: a folder for each Secret, by its name without `beaveros-`. */
export type Secrets = string;
/** What only the operators of a site know. */
const OF_THE_SITE: Record<string, string> = { "beaveros-migration/DATABASE_URL": "postgresql://owner:secret@postgres:5432/beaveros?sslmode=verify-full", "beaveros-smtp/SMTP_URL": "smtp://user:secret@mail:587", "beaveros-redis/REDIS_URL": "rediss://:secret@redis:6379" };

/** A container of a pod with what its ConfigMaps and Secrets would give it.
 *  @throws when it refers to a ConfigMap or Secret that is nowhere */
export function containerOf(objects: readonly KubernetesObject[], { object, pod }: Workload, container: PodContainer, secrets: Secrets): Container {
  const settings = (container.envFrom ?? []).map(({ configMapRef }) => required(named(objects, "ConfigMap", configMapRef.name)?.data, `ConfigMap ${configMapRef.name}`));
  const own = (container.env ?? []).map(({ name, value, valueFrom }) => [name, value ?? required(OF_THE_SITE[`${valueFrom!.secretKeyRef!.name}/${valueFrom!.secretKeyRef!.key}`], `Secret ${valueFrom!.secretKeyRef!.name}`)]);
  const portOf = (name: string | number) => (typeof name === "number" ? name : container.ports?.find((port) => port.name === name)?.containerPort);
  return {
    name: object.metadata.name,
    variables: { ...Object.assign({}, ...settings) as Record<string, string>, ...Object.fromEntries(own) as Record<string, string> },
    file: (path) => mounted(pod, container, path, secrets),
    ports: { http: portOf("http"), metrics: portOf("metrics") },
    probes: [container.startupProbe, container.livenessProbe, container.readinessProbe].flatMap((probe) => (probe?.httpGet ? [{ path: probe.httpGet.path, port: portOf(probe.httpGet.port) }] : [])),
  };
}

function required<T>(found: T | undefined, what: string): T {
  if (found === undefined) throw new Error(`there is no ${what}`);
  return found;
}

/** Where a file of a mounted Secret is among those that were written. */
function mounted({ volumes = [] }: Workload["pod"], { volumeMounts = [] }: PodContainer, path: string, secrets: Secrets): string | undefined {
  for (const { name, mountPath } of volumeMounts) {
    const secret = volumes.find((volume) => volume.name === name)?.secret;
    const file = secret && path.startsWith(`${mountPath}/`) && join(secrets, secret.secretName.replace(/^beaveros-/, ""), path.slice(mountPath.length));
    if (file && existsSync(file)) return file;
  }
  return undefined;
}

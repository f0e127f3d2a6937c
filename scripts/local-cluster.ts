import { generateKeyPairSync, randomBytes } from "node:crypto";
import { spawn, type ChildProcess } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { freePort } from "../node/free-port.ts";
import { startEmbeddedDatabase, type EmbeddedDatabase, type EmbeddedOptions } from "../node/embedded-database.ts";
import { readEnvironment, type ServiceName } from "../node/environment.ts";
import { CONSOLE } from "../node/key-ring.ts";
import { migrate } from "../node/migrate.ts";
import { loadSecrets } from "../node/secrets.ts";
import { writeKeys } from "./keys.ts";
import { startNatsServer, type NatsServer } from "./nats-server.ts";

/** Every service twice, and a sale has to cross the wire: the edge, the orders, and the goods and money are in three kinds of node. */
export const SIX_NODES: readonly (readonly ServiceName[])[] = [
  ["auth", "entity", "api"], ["order", "purchasing", "report"], ["catalog", "payment", "workflow"],
  ["auth", "entity", "api"], ["order", "purchasing", "report"], ["catalog", "payment", "workflow"],
];

export interface ClusterNode {
  readonly name: string;
  readonly services: readonly ServiceName[];
  /** The REST edge where `api` is hosted, else the probes. */
  readonly base: string;
  child: ChildProcess;
  /** @param variables for this start alone */
  start(variables?: Record<string, string>): void;
  /** Sends the signal and waits for the end. @returns the exit code */
  end(signal: NodeJS.Signals): Promise<number | null>;
}

export interface LocalCluster {
  readonly nodes: readonly ClusterNode[];
  readonly database: EmbeddedDatabase;
  readonly natsPort: number;
  readonly natsFolder: string;
  /** What all keys come from. */
  readonly master: { readonly JWT_PRIVATE_KEY: string; readonly DATA_ENCRYPTION_KEY: string };
  /** May look at streams and consumers. */
  readonly operator: { readonly user: string; readonly pass: string };
  /** Path of the console's key ring. */
  readonly consoleKeys: string;
  nats: NatsServer;
  startNats(): Promise<void>;
  stop(): Promise<void>;
}

export interface LocalClusterOptions {
  readonly dataDir: string;
  readonly nodes?: readonly (readonly ServiceName[])[];
  /** Port of the first edge; the next ones follow. Without it any free ones. */
  readonly port?: number;
  readonly variables?: Record<string, string>;
  /** For benches and tests on a throw-away database. */
  readonly settings?: EmbeddedOptions["settings"];
  /** Ctrl-C reaches whoever started the cluster, and nobody else: they stop it in its order. */
  readonly detached?: boolean;
  /** One line of a node's output. */
  print?(node: string, line: string): void;
  /** For faults: a way of its own for each node to the database and to NATS. */
  route?(node: string, to: { readonly database: string; readonly nats: string }): Promise<{ readonly database: string; readonly nats: string }>;
}

/** NATS with users and permissions, PostgreSQL, and nodes with key rings of their own, as processes on this machine. */
export async function startLocalCluster(options: LocalClusterOptions): Promise<LocalCluster> {
  const { dataDir } = options;
  const kinds = options.nodes ?? SIX_NODES;
  const database = await startEmbeddedDatabase({ dataDir: join(dataDir, "database"), ...(options.settings ? { settings: options.settings } : {}) });
  const master = masterKeys(join(dataDir, "keys"));
  const environment = readEnvironment({ DATABASE_URL: database.url, ...master });
  await migrate(database.url, environment, loadSecrets(environment));
  const rings = await writeKeys({ folder: join(dataDir, "keys"), secrets: loadSecrets(environment), nodes: [...new Map(kinds.map((services) => [services.join(), services])).values()] });
  const natsPort = await freePort(), natsFolder = join(dataDir, "jetstream");
  const startNats = () => startNatsServer({ port: natsPort, folder: natsFolder, arguments: ["--config", join(dataDir, "keys", "nats-auth.conf")], detached: options.detached ?? false });
  const counts = new Map<string, number>();
  const cluster: LocalCluster = {
    database, natsPort, natsFolder, master, nats: await startNats(), nodes: [],
    consoleKeys: join(dataDir, "keys", `${CONSOLE}.json`),
    operator: JSON.parse(readFileSync(join(dataDir, "keys", "nats-operator.json"), "utf8")) as LocalCluster["operator"],
    async startNats() { this.nats = await startNats(); },
    async stop() {
      await Promise.all(this.nodes.map((node) => node.end("SIGTERM")));
      await this.nats.stop();
      await database.stop();
    },
  };
  let edges = 0;
  for (const services of kinds) {
    const ring = rings.find((path) => path.endsWith(`/${[...services].join("-")}.json`))!;
    const count = (counts.get(services.join()) ?? 0) + 1;
    counts.set(services.join(), count);
    const port = services.includes("api") && options.port !== undefined ? options.port + edges++ : await freePort();
    const name = `${services[0]}-${count}`, direct = { database: withoutPassword(database.url), nats: `nats://127.0.0.1:${natsPort}` };
    const way = (await options.route?.(name, direct)) ?? direct;
    (cluster.nodes as ClusterNode[]).push(makeNode({
      name, services, port, print: options.print, detached: options.detached ?? false,
      variables: { ...options.variables, SERVICES: services.join(), PORT: String(port), DATABASE_URL: way.database, NATS_URL: way.nats, KEY_RING_FILE: ring },
    }));
  }
  for (const node of cluster.nodes) node.start();
  return cluster;
}

/** Resolves when every node says that it is ready. */
export async function clusterReady(cluster: LocalCluster, deadlineMs = 60_000): Promise<void> {
  const deadline = Date.now() + deadlineMs;
  for (const node of cluster.nodes) {
    while (!(await isReady(node.base))) {
      if (Date.now() > deadline || node.child.exitCode !== null || node.child.signalCode !== null) throw new Error(`the node ${node.name} does not become ready`);
      await new Promise((wake) => setTimeout(wake, 100));
    }
  }
}

export async function isReady(base: string): Promise<boolean> {
  try {
    return (await fetch(`${base}/health/ready`, { signal: AbortSignal.timeout(5_000) })).status === 200;
  } catch {
    return false;
  }
}

function makeNode(given: { name: string; services: readonly ServiceName[]; port: number; variables: Record<string, string>; print: LocalClusterOptions["print"]; detached: boolean }): ClusterNode {
  const { NODE_OPTIONS: _ours, ...inherited } = process.env;
  let ended: Promise<number | null> = Promise.resolve(null);
  const node: ClusterNode = {
    name: given.name, services: given.services, base: `http://127.0.0.1:${given.port}`, child: undefined as unknown as ChildProcess,
    start(variables) {
      this.child = spawn(process.execPath, ["--max-semi-space-size=8", "--no-parallel-scavenge", join(import.meta.dirname, "..", "node", "start.ts")], {
        stdio: ["ignore", "pipe", "pipe"], detached: given.detached,
        env: { ...inherited, MALLOC_ARENA_MAX: "2", HOST: "127.0.0.1", RATE_LIMIT_PER_MINUTE: "0", LOG_LEVEL: "warn", LOG_FORMAT: "json", JWT_PRIVATE_KEY: "", DATA_ENCRYPTION_KEY: "", ...given.variables, ...variables },
      });
      for (const stream of [this.child.stdout!, this.child.stderr!]) eachLine(stream, (line) => given.print?.(given.name, line));
      ended = new Promise((done) => this.child.once("exit", (code) => done(code)));
    },
    end(signal) {
      this.child.kill(signal);
      return ended;
    },
  };
  return node;
}

function eachLine(stream: NodeJS.ReadableStream, take: (line: string) => void): void {
  let rest = "";
  stream.on("data", (chunk: Buffer) => {
    const lines = (rest + chunk.toString()).split("\n");
    rest = lines.pop()!;
    lines.filter((line) => line.trim()).forEach(take);
  });
}

/** Made once; whoever has them can be anybody, so no node is given them. */
function masterKeys(folder: string): { JWT_PRIVATE_KEY: string; DATA_ENCRYPTION_KEY: string } {
  const path = join(folder, "master.json");
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (!existsSync(path)) {
    const pem = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({ type: "pkcs8", format: "pem" }).toString();
    writeFileSync(path, JSON.stringify({ JWT_PRIVATE_KEY: pem, DATA_ENCRYPTION_KEY: randomBytes(32).toString("base64") }), { mode: 0o600 });
  }
  return JSON.parse(readFileSync(path, "utf8")) as { JWT_PRIVATE_KEY: string; DATA_ENCRYPTION_KEY: string };
}

/** A node logs in as its services, never as the owner of the database. */
function withoutPassword(url: string): string {
  const bare = new URL(url);
  bare.username = "";
  bare.password = "";
  return bare.href;
}

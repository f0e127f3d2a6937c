import { execFileSync, spawn, spawnSync, type ChildProcess } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

const CACHE = join(import.meta.dirname, "..", "node_modules", ".cache", "nats-server");
const HOW_TO = "Install it (apt-get install nats-server, brew install nats-server, or from https://nats.io/download), or set NATS_SERVER to where it is.";

/** Where the NATS server is: NATS_SERVER, the PATH, what an earlier call fetched, or Debian's package, unpacked into node_modules/.cache without being installed.
 *  @throws one sentence that says how to get it */
export function findNatsServer(): string {
  const places = [process.env.NATS_SERVER, ...(process.env.PATH ?? "").split(":").map((folder) => join(folder, "nats-server")), "/usr/sbin/nats-server", "/usr/local/bin/nats-server", join(CACHE, "usr", "sbin", "nats-server")];
  const found = places.find((path) => path && existsSync(path)) ?? unpackDebianPackage();
  if (!found) throw new Error(`There is no nats-server on this machine. ${HOW_TO}`);
  return found;
}

function unpackDebianPackage(): string | undefined {
  if (spawnSync("apt-get", ["--version"]).status !== 0) return undefined;
  const folder = mkdtempSync(join(tmpdir(), "nats-server-"));
  const download = () => spawnSync("apt-get", ["download", "nats-server"], { cwd: folder }).status === 0;
  // A machine without package lists gets them first, which takes root.
  if (!download() && !(spawnSync("apt-get", ["update"]).status === 0 && download())) return undefined;
  mkdirSync(CACHE, { recursive: true });
  execFileSync("dpkg-deb", ["--extract", join(folder, readdirSync(folder).find((name) => name.endsWith(".deb"))!), CACHE]);
  const server = join(CACHE, "usr", "sbin", "nats-server");
  return existsSync(server) ? server : undefined;
}

export interface NatsServer { readonly url: string; readonly child: ChildProcess; output(): string; stop(signal?: NodeJS.Signals): Promise<void> }

/** A NATS server of our own, with JetStream in the folder. Resolves when it answers.
 *  @param given.arguments more of nats-server's own, such as a configuration file
 *  @param given.detached Ctrl-C in the terminal does not reach it: whoever started it stops it, last */
export async function startNatsServer(given: { port: number; folder?: string; arguments?: readonly string[]; detached?: boolean }): Promise<NatsServer> {
  const jetStream = given.folder ? ["--jetstream", "--store_dir", given.folder] : [];
  const child = spawn(findNatsServer(), ["--addr", "127.0.0.1", "--port", String(given.port), ...jetStream, ...(given.arguments ?? [])], { stdio: ["ignore", "pipe", "pipe"], detached: given.detached ?? false });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => { said += chunk.toString(); });
  const ended = new Promise<void>((done) => child.once("exit", () => done()));
  const server = { url: `nats://127.0.0.1:${given.port}`, child, output: () => said, stop: (signal: NodeJS.Signals = "SIGTERM") => { child.kill(signal); return ended; } };
  for (let tries = 0; !(await answers(given.port)); tries++) {
    if (child.exitCode !== null || tries > 200) throw new Error(`nats-server did not start: ${said}`);
    await new Promise((wake) => setTimeout(wake, 25));
  }
  return server;
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => { socket.destroy(); resolve(true); });
    socket.once("error", () => resolve(false));
  });
}

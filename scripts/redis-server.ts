import { spawn, type ChildProcess } from "node:child_process";
import { renameSync } from "node:fs";
import { connect } from "node:net";
import { dirname, join } from "node:path";
import { findTool, fromDebianPackage } from "./tool.ts";

/** Libraries that Debian's Redis is linked with and a small system lacks. */
const LIBRARIES = [["libjemalloc2", "libjemalloc.so.2"], ["liblzf1", "liblzf.so.1"]] as const;
const DEBIAN_ARCHITECTURES: Readonly<Partial<Record<NodeJS.Architecture, string>>> = { x64: "x86_64-linux-gnu", arm64: "aarch64-linux-gnu" };

/** @throws one sentence that says how to get it */
export function findRedisServer(): string {
  return findTool({ name: "redis-server", variable: "REDIS_SERVER", fetch: fetchFromDebian, howTo: "Install it (apt-get install redis-server, brew install redis), or set REDIS_SERVER to where it is." });
}

/** The server is the program of redis-tools under another name. */
function fetchFromDebian(folder: string): string | undefined {
  const architecture = DEBIAN_ARCHITECTURES[process.arch];
  const program = architecture && fromDebianPackage("redis-tools", "usr/bin/redis-check-rdb", folder);
  if (!program || !LIBRARIES.every(([debianPackage, library]) => fromDebianPackage(debianPackage, `usr/lib/${architecture}/${library}`, folder))) return undefined;
  const server = join(folder, "redis-server");
  renameSync(program, server);
  return server;
}

export interface RedisServer { readonly url: string; readonly child: ChildProcess; stop(): Promise<void> }

/** A Redis of our own that keeps nothing on disk. Resolves when it answers. */
export async function startRedisServer({ port }: { port: number }): Promise<RedisServer> {
  const path = findRedisServer();
  const env = { ...process.env, LD_LIBRARY_PATH: [dirname(path), process.env.LD_LIBRARY_PATH].filter(Boolean).join(":") };
  const child = spawn(path, ["--bind", "127.0.0.1", "--port", String(port), "--save", "", "--appendonly", "no"], { env, stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => { said += chunk.toString(); });
  const ended = new Promise<void>((done) => child.once("exit", () => done()));
  for (let tries = 0; !(await answers(port)); tries++) {
    if (child.exitCode !== null || tries > 200) throw new Error(`redis-server did not start: ${said}`);
    await new Promise((wake) => setTimeout(wake, 25));
  }
  return { url: `redis://127.0.0.1:${port}`, child, stop: () => { child.kill("SIGKILL"); return ended; } };
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => { socket.destroy(); resolve(true); });
    socket.once("error", () => resolve(false));
  });
}

import { spawn, type ChildProcess } from "node:child_process";
import { join } from "node:path";
import { freePort } from "../../node/free-port.ts";
import { ROOT } from "./source-files.ts";

export interface PlatformProcess {
  readonly base: string;
  readonly port: number;
  readonly child: ChildProcess;
  output(): string;
  /** SIGKILL, to node alone: its PostgreSQL is left behind, as after a crash. */
  kill(): Promise<void>;
  /** SIGTERM. @returns the exit code */
  terminate(): Promise<number | null>;
  ended(): Promise<number | null>;
}

const READY_MS = 60_000;

/** `npm start` as a process of its own. */
export async function startProcess(given: { dataDir: string; variables?: Record<string, string>; port?: number }): Promise<PlatformProcess> {
  const started = await spawnPlatform(given);
  const deadline = Date.now() + READY_MS;
  while (!(await isReady(started.base))) {
    if (started.child.exitCode !== null || Date.now() > deadline) throw new Error(`the platform did not start: ${started.output()}`);
    await new Promise((wake) => setTimeout(wake, 50));
  }
  return started;
}

/** Without waiting until it is ready: for starts that are meant to fail. */
export async function spawnPlatform(given: { dataDir: string; variables?: Record<string, string>; port?: number }): Promise<PlatformProcess> {
  const port = given.port ?? await freePort();
  const { NODE_OPTIONS: _ours, ...inherited } = process.env;
  const child = spawn(process.execPath, [join(ROOT, "node", "start.ts")], {
    cwd: ROOT, stdio: ["ignore", "pipe", "pipe"],
    env: { ...inherited, DATABASE_URL: "", DATA_DIR: given.dataDir, PORT: String(port), HOST: "127.0.0.1", RATE_LIMIT_PER_MINUTE: "0", LOG_LEVEL: "warn", LOG_FORMAT: "json", ...given.variables },
  });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => { said += chunk.toString(); });
  const ended = new Promise<number | null>((done) => child.once("exit", (code) => done(code)));
  const end = (signal: NodeJS.Signals) => { child.kill(signal); return ended; };
  return { base: `http://127.0.0.1:${port}`, port, child, output: () => said, ended: () => ended, kill: async () => { await end("SIGKILL"); }, terminate: () => end("SIGTERM") };
}

async function isReady(base: string): Promise<boolean> {
  try {
    return (await fetch(`${base}/health/ready`)).status === 200;
  } catch {
    return false;
  }
}

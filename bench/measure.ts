import { execFileSync, fork, spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../node/free-port.ts";

export interface ServerStats { databaseUrl: string; transactions: number; statements: number; rss: number }
export interface Server { readonly base: string; readonly pid: number; readonly dataDir: string; stats(): Promise<ServerStats>; stop(): Promise<void> }

/** The platform in a process of its own, on an empty data directory, durable as always, rate limits off.
 *  @param program bench/server.ts of this build or of another */
export async function startServer(variables: Readonly<Record<string, string>> = {}, program = join(import.meta.dirname, "server.ts")): Promise<Server> {
  const dataDir = mkdtempSync(join(tmpdir(), "beaveros-bench-"));
  const port = await freePort();
  const child = fork(program, {
    execArgv: ["--max-semi-space-size=8", "--no-parallel-scavenge"], // as `npm start` runs it
    env: { ...process.env, MALLOC_ARENA_MAX: "2", DATABASE_URL: "", DATA_DIR: dataDir, PORT: String(port), HOST: "127.0.0.1", RATE_LIMIT_PER_MINUTE: "0", LOG_LEVEL: "warn", LOG_FORMAT: "json", ...variables }, stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  await answer(child, () => undefined);
  return {
    base: `http://127.0.0.1:${port}`, pid: child.pid!, dataDir,
    stats: () => answer<ServerStats>(child, () => child.send("stats")),
    async stop() {
      const ended = new Promise((done) => child.once("exit", done));
      child.send("stop");
      await ended;
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

function answer<T>(child: ChildProcess, ask: () => unknown): Promise<T> {
  return new Promise((done, failed) => {
    const lost = (code: number | null) => failed(new Error(`the server ended with ${code}`));
    child.once("exit", lost);
    child.once("message", (message) => { child.off("exit", lost); done(message as T); });
    ask();
  });
}

const TICKS_PER_S = Number(execFileSync("getconf", ["CLK_TCK"]).toString());

/** CPU seconds so far of the node process, and of PostgreSQL with all its children, dead ones included. */
export function cpuSeconds(server: Server): { node: number; postgres: number } {
  return { node: cpuOf(server.pid), postgres: postgresCpu(join(server.dataDir, "postgres")) };
}

/** CPU seconds so far of one process; 0 when it is gone. */
export const cpuOf = (pid: number): number => statOf(pid)?.own ?? 0;

/** @param files the folder of the database's files */
export function postgresCpu(files: string): number {
  const postmaster = Number(readFileSync(join(files, "postmaster.pid"), "utf8").split("\n")[0]);
  const children = readdirSync("/proc").filter((name) => /^\d+$/.test(name)).map(Number).filter((pid) => statOf(pid)?.parent === postmaster);
  return cpuOf(postmaster) + (statOf(postmaster)?.reaped ?? 0) + children.reduce((sum, pid) => sum + cpuOf(pid), 0);
}

function statOf(pid: number): { parent: number; own: number; reaped: number } | undefined {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8").replace(/^.*\) /, "").split(" ").map(Number);
    return { parent: fields[1]!, own: (fields[11]! + fields[12]!) / TICKS_PER_S, reaped: (fields[13]! + fields[14]!) / TICKS_PER_S };
  } catch {
    return undefined;
  }
}

export interface Load { requests: number; failed: number; seconds: number; perSecond: number; p50: number; p95: number; p99: number; sample: string }
/** One stretch of load: how long each request took, in milliseconds. `sample`: the first refusal. */
export interface Stretch { readonly times: readonly number[]; readonly failed: number; readonly seconds: number; readonly sample: string }
interface Given { base: string; bases?: readonly string[]; width: number; seconds: number; token: string; next: () => Request }

/** `key`: the Idempotency-Key. */
export interface Request { readonly method: string; readonly path: string; readonly body?: string; readonly key?: string }

/** One stretch, summed up. */
export const load = async (given: Given): Promise<Load> => summed([await loadOnce(given)]);

/** Closed loop: `width` clients, each sends its next request when the last one is answered.
 *  @param given.bases several edges, to which the clients go in turn */
export async function loadOnce(given: Given): Promise<Stretch> {
  const times: number[] = [];
  let failed = 0, sample = "";
  const start = performance.now();
  const client = async (_: unknown, index: number) => {
    const connection = await open(given.bases?.[index % given.bases.length] ?? given.base, given.token);
    while (performance.now() - start < given.seconds * 1000) {
      const sent = performance.now();
      const answered = await connection.send(given.next());
      times.push(performance.now() - sent);
      if (answered.status >= 400) { failed++; sample ||= answered.text; }
    }
    connection.close();
  };
  await Promise.all(Array.from({ length: given.width }, client));
  return { times, failed, seconds: (performance.now() - start) / 1000, sample };
}

export function summed(stretches: readonly Stretch[]): Load {
  const sum = (of: (stretch: Stretch) => number) => stretches.reduce((all, stretch) => all + of(stretch), 0);
  const times = stretches.flatMap((stretch) => stretch.times).sort((a, b) => a - b), failed = sum((stretch) => stretch.failed), seconds = sum((stretch) => stretch.seconds);
  const at = (share: number) => times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0;
  return { requests: times.length, failed, seconds, perSecond: (times.length - failed) / seconds, p50: at(0.5), p95: at(0.95), p99: at(0.99), sample: stretches.find((stretch) => stretch.failed > 0)?.sample ?? "" };
}

interface Connection { send(request: Request): Promise<{ status: number; text: string }>; close(): void }

/** One HTTP/1.1 connection on a bare socket: the generator shares two cores with what it measures, and node:http would take a tenth of them. */
async function open(base: string, token: string): Promise<Connection> {
  const { hostname, port } = new URL(base);
  const socket = connect(Number(port), hostname);
  await new Promise((connected, refused) => { socket.once("connect", connected); socket.once("error", refused); });
  socket.setNoDelay(true);
  let received: Buffer = Buffer.alloc(0);
  let answer: { done: (answered: { status: number; text: string }) => void; failed: (reason: Error) => void } | undefined;
  socket.on("data", (chunk: Buffer) => {
    received = received.length ? Buffer.concat([received, chunk]) : chunk;
    const end = received.indexOf("\r\n\r\n");
    if (end < 0) return;
    const head = received.toString("latin1", 0, end);
    const length = Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0), total = end + 4 + length;
    if (received.length < total) return;
    const status = Number(head.slice(9, 12)), text = status >= 400 ? received.toString("utf8", end + 4, total) : "";
    received = received.subarray(total);
    answer?.done({ status, text });
  });
  socket.on("close", () => answer?.failed(new Error("the server closed the connection")));
  const fixed = `\r\nHost: ${hostname}:${port}\r\nAuthorization: Bearer ${token}\r\n`;
  return {
    send: ({ method, path, body = "", key }) => new Promise((done, failed) => {
      answer = { done, failed };
      socket.write(`${method} ${path} HTTP/1.1${fixed}${key ? `Idempotency-Key: ${key}\r\n` : ""}${body ? `Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n` : ""}\r\n${body}`);
    }),
    close: () => { answer = undefined; socket.destroy(); },
  };
}

export function run(command: string, args: string[], env: Record<string, string>): Promise<{ code: number; out: string }> {
  return new Promise((done) => {
    const child = spawn(command, args, { env: { ...process.env, ...env } });
    let out = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => { out += chunk.toString(); });
    child.on("error", () => done({ code: 127, out }));
    child.on("close", (code) => done({ code: code ?? 1, out }));
  });
}

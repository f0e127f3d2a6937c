import { spawn, type ChildProcess } from "node:child_process";
import { connect } from "node:net";
import { findTool, fromDebianPackage } from "./tool.ts";

/** @throws one sentence that says how to get it */
export const findNatsServer = (): string => findTool({
  name: "nats-server", variable: "NATS_SERVER",
  fetch: (folder) => fromDebianPackage("nats-server", "usr/sbin/nats-server", folder),
  howTo: "Install it (apt-get install nats-server, brew install nats-server, or from https://nats.io/download), or set NATS_SERVER to where it is.",
});

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

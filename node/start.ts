import { startNode, type Node } from "./broker.ts";
import { startEmbeddedDatabase, type EmbeddedDatabase } from "./embedded-database.ts";
import { readEnvironment, SettingError, type Environment } from "./environment.ts";
import { openLog, type Log } from "./log/log.ts";
import { stackOf } from "./log/reason.ts";
import { migrate } from "./migrate.ts";
import { loadSecrets } from "./secrets.ts";
import { waitOutTrouble } from "./trouble.ts";
import { Waiting } from "./waiting.ts";
import { closePorts, openPorts, type Ports } from "./watchers.ts";
import { sayToPeople, voiceOf, type Voice } from "./voice.ts";

export interface Running { readonly node: Node; readonly environment: Environment; readonly databaseUrl: string; stop(): Promise<void> }

/** The whole way up: settings, database (ours, unless DATABASE_URL names one), migrations, services. */
export async function startPlatform(environment: Environment = readEnvironment(), given: { log?: Log; stopping?: () => boolean } = {}): Promise<Running> {
  const { log = await openLog(environment), stopping = () => false } = given;
  const waiting = new Waiting(log);
  const ports = await openPorts(environment, environment.services, () => waiting.obstacle);
  try {
    return await bringUp(environment, { log, waiting, ports, stopping });
  } catch (error) {
    await closePorts(ports);
    throw error;
  }
}

async function bringUp(environment: Environment, { log, waiting, ports, stopping }: { log: Log; waiting: Waiting; ports: Ports; stopping: () => boolean }): Promise<Running> {
  const embedded: EmbeddedDatabase | undefined = environment.databaseUrl ? undefined : await startEmbeddedDatabase(environment);
  try {
    const secrets = loadSecrets(environment);
    const databaseUrl = environment.databaseUrl ?? embedded!.url;
    // Outside the embedded shape the schema is brought up by `npm run migrate`, once, before the roll-out.
    if (embedded) await migrate(databaseUrl, environment, secrets);
    else await waitOutTrouble(environment, secrets, waiting, stopping);
    const node = await startNode({ environment, secrets, databaseUrl, log, ports });
    return { node, environment, databaseUrl, stop: async () => { await node.stop(); await embedded?.stop(); } };
  } catch (error) {
    await embedded?.stop();
    throw error;
  }
}

/** One sentence for what the operator can mend; everything else with its stack, because it is our bug. */
export function explain(error: unknown): string {
  if (error instanceof SettingError) return error.message;
  const { code, port, address } = error as { code?: string; port?: number; address?: string };
  if (code === "EADDRINUSE") return `PORT ${port} is in use: stop what listens there, or set another PORT.`;
  if (code === "EACCES") return `PORT ${port} may not be opened by this user: set a PORT above 1023.`;
  if (code === "EADDRNOTAVAIL") return `HOST ${address} is not an address of this machine: set another HOST.`;
  return stackOf(error);
}

/** `npm start` */
export async function main(): Promise<void> {
  let fails = sayToPeople;
  try {
    const environment = readEnvironment(), log = await openLog(environment);
    const voice = voiceOf(environment, log);
    fails = voice.fails;
    await run(environment, log, voice);
  } catch (error) {
    fails(`BeaverOS did not start. ${explain(error)}`);
    process.exit(1);
  }
}

async function run(environment: Environment, log: Log, voice: Voice): Promise<void> {
  const now: { running?: Running; stopping: boolean } = { stopping: false };
  const stop = async (signal: string) => {
    if (!now.running) process.exit(0);
    if (now.stopping) return;
    now.stopping = true;
    voice.stops(signal);
    setTimeout(() => process.exit(1), STOP_MS).unref();
    await now.running.stop();
    process.exit(0);
  };
  for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => void stop(signal));
  // Node would print the error with all its fields, and PostgreSQL's hold rows.
  process.on("uncaughtException", (error) => {
    log.fatal({ error: stackOf(error) }, "This process ends by an error that nobody caught");
    process.exit(1);
  });
  now.running = await startPlatform(environment, { log });
  voice.started();
}

const STOP_MS = 30_000;

if (import.meta.main) await main();

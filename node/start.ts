import { startNode, type Node } from "./broker.ts";
import { startEmbeddedDatabase, type EmbeddedDatabase } from "./embedded-database.ts";
import { readEnvironment, SettingError, type Environment } from "./environment.ts";
import { migrate } from "./migrate.ts";
import { loadSecrets } from "./secrets.ts";
import { waitOutTrouble } from "./trouble.ts";

export interface Running { readonly node: Node; readonly environment: Environment; readonly databaseUrl: string; stop(): Promise<void> }

/** The whole way up: settings, database (ours, unless DATABASE_URL names one), migrations, services. */
export async function startPlatform(environment: Environment = readEnvironment(), stopping: () => boolean = () => false): Promise<Running> {
  const embedded: EmbeddedDatabase | undefined = environment.databaseUrl ? undefined : await startEmbeddedDatabase(environment);
  try {
    const secrets = loadSecrets(environment);
    const databaseUrl = environment.databaseUrl ?? embedded!.url;
    // Outside the embedded shape the schema is brought up by `npm run migrate`, once, before the roll-out.
    if (embedded) await migrate(databaseUrl, environment, secrets);
    else await waitOutTrouble(environment, secrets, console, stopping);
    const node = await startNode({ environment, secrets, databaseUrl });
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
  return (error as Error).stack ?? String(error);
}

function banner(running: Running): string {
  const { host, port } = running.environment;
  const base = `http://${host.includes(":") ? `[${host}]` : host}:${port}`;
  return `
  BeaverOS listens on ${base}

    API documentation   ${base}/docs
    OpenAPI document    ${base}/openapi.json
    Ready?              ${base}/health/ready
    The first sale      npm run demo   (in another terminal), or by hand: see README.md

  Ctrl-C stops it; data stays in ${running.environment.databaseUrl ? "your PostgreSQL" : running.environment.dataDir}.
`;
}

/** `npm start` */
export async function main(): Promise<void> {
  let running: Running | undefined;
  let stopping = false;
  const stop = (signal: string) => {
    if (stopping) return;
    stopping = true;
    console.log(`\n  ${signal}: finishing what is under way …`);
    setTimeout(() => process.exit(1), 30_000).unref();
    void (async () => {
      await running?.stop();
      process.exit(0);
    })();
  };
  for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => { if (running) stop(signal); else process.exit(0); });
  try {
    running = await startPlatform();
    console.log(banner(running));
  } catch (error) {
    console.error(`\n  BeaverOS did not start. ${explain(error)}\n`);
    process.exit(1);
  }
}

if (import.meta.main) await main();

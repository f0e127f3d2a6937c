import repl from "moleculer-repl";
import { startNode } from "../node/broker.ts";
import { startEmbeddedDatabase } from "../node/embedded-database.ts";
import { readEnvironment, SERVICE_NAMES } from "../node/environment.ts";
import { migrate } from "../node/migrate.ts";
import { runningDatabase } from "../node/running-database.ts";
import { loadSecrets } from "../node/secrets.ts";
import { explain } from "../node/start.ts";
import { replCommands, useChosenTenant } from "./repl-commands.ts";

/* `npm run repl`: every service but the edge in this process. Beside a running `npm start` it works on that one's database, else it brings its own up. */
async function main(): Promise<void> {
  const environment = { ...readEnvironment(), logLevel: process.env.LOG_LEVEL ?? "warn" };
  const beside = environment.databaseUrl ?? runningDatabase(environment.dataDir);
  const embedded = beside ? undefined : await startEmbeddedDatabase(environment);
  const databaseUrl = beside ?? embedded!.url;
  const secrets = loadSecrets(environment);
  if (embedded) await migrate(databaseUrl, environment, secrets);
  const node = await startNode({ environment, secrets, databaseUrl, services: SERVICE_NAMES.filter((name) => name !== "api") });
  useChosenTenant(node);
  console.log(`\n  BeaverOS REPL, ${beside ? "beside the running platform" : "with everything inside"}.\n  tenant <slug>            choose whose rows exist\n  actions                  all actions\n  describe <action>        parameters, result, permission and errors\n  call <action> '<json>'   order.place-order and order.placeOrder are the same\n`);
  const server = repl(node.broker, { delimiter: "beaveros $", customCommands: replCommands(node) } as never) as unknown as { removeAllListeners(event: string): void; on(event: string, listener: () => void): void };
  server.removeAllListeners("exit");
  server.on("exit", () => void (async () => { await node.stop(); await embedded?.stop(); process.exit(0); })());
}

try {
  await main();
} catch (error) {
  console.error(`\n  The REPL did not start. ${explain(error)}\n`);
  process.exit(1);
}

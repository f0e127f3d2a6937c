import { startNode, type Node } from "../node/broker.ts";
import { discordTrouble } from "../node/discord.ts";
import { startEmbeddedDatabase } from "../node/embedded-database.ts";
import { readEnvironment, SERVICE_NAMES, SettingError, type Environment } from "../node/environment.ts";
import { migrate } from "../node/migrate.ts";
import { natsTrouble } from "../node/nats.ts";
import { runningDatabase } from "../node/running-database.ts";
import { loadSecrets } from "../node/secrets.ts";

/** A node that a person sits at. */
export interface Console { readonly node: Node; readonly where: string; close(): Promise<void> }

/** With NATS_URL a member of that cluster which hosts nothing; else every service but the edge in this process, on the database of the running platform, or on one of its own.
 *  @throws SettingError with one sentence: a person waits, and mends it sooner than a node would */
export async function openConsole(variables: Readonly<Record<string, string | undefined>> = process.env): Promise<Console> {
  const settings = { ...variables, LOG_LEVEL: variables.LOG_LEVEL ?? "warn", METRICS_PORT: "" };
  return variables.NATS_URL ? inCluster(settings) : beside(readEnvironment(settings));
}

/** A node's settings ask for a database; the console has no use for one. */
const NO_DATABASE = "postgresql://none/none";

async function inCluster(variables: Readonly<Record<string, string | undefined>>): Promise<Console> {
  const environment: Environment = { ...readEnvironment({ ...variables, SERVICES: "", DATABASE_URL: variables.DATABASE_URL || NO_DATABASE }), services: [] };
  const secrets = loadSecrets(environment);
  const trouble = (await natsTrouble(environment, secrets)) ?? (await discordTrouble(environment, secrets));
  if (trouble) throw new SettingError(trouble);
  const node = await startNode({ environment, secrets, databaseUrl: environment.databaseUrl!, ports: {} });
  return { node, where: `a member of the cluster at ${environment.nats!.servers}`, close: () => node.stop() };
}

async function beside(environment: Environment): Promise<Console> {
  const running = environment.databaseUrl ?? runningDatabase(environment.dataDir);
  const embedded = running ? undefined : await startEmbeddedDatabase(environment);
  const databaseUrl = running ?? embedded!.url, secrets = loadSecrets(environment);
  if (embedded) await migrate(databaseUrl, environment, secrets);
  const node = await startNode({ environment, secrets, databaseUrl, services: SERVICE_NAMES.filter((name) => name !== "api"), ports: {} });
  return { node, where: running ? "beside the running platform" : "with everything inside", close: async () => { await node.stop(); await embedded?.stop(); } };
}

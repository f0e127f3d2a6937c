import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { startEmbeddedDatabase } from "../node/embedded-database.ts";
import { readEnvironment, SettingError, type Environment } from "../node/environment.ts";
import { installedDatabase } from "../node/running-database.ts";
import { masterSecrets } from "./backup/databases.ts";
import { acceptRecovered, openBackup, restoreBackup } from "./backup/restore.ts";
import { command } from "./command.ts";

/* `npm run restore -- --from FILE`: into an empty database, that of DATABASE_URL or a new one in DATA_DIR.
   `npm run restore -- --recovered`: the database was put back by PostgreSQL's own means. */
const USAGE = "Usage: npm run restore -- --from FILE, or, after a point-in-time recovery of PostgreSQL itself, --recovered";

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { from: { type: "string" }, recovered: { type: "boolean" } } });
  if (!values.from === !values.recovered) throw new SettingError(USAGE);
  const environment = readEnvironment({ ...process.env, NATS_URL: "", SERVICES: "" });
  if (values.from) await fromFile(resolve(values.from), environment);
  else await recovered(environment);
}

async function fromFile(path: string, environment: Environment): Promise<void> {
  const secrets = masterSecrets(environment), backup = await openBackup(path, secrets);
  const embedded = environment.databaseUrl ? undefined : await startEmbeddedDatabase(environment);
  try {
    const { takenAt, rows } = await restoreBackup(backup, { url: environment.databaseUrl ?? embedded!.url, environment, secrets });
    console.log(`Restored ${rows} rows, equal to those of ${takenAt}. Now npm run audit, then start the nodes.`);
  } finally {
    await embedded?.stop();
  }
}

async function recovered(environment: Environment): Promise<void> {
  const source = await installedDatabase(environment);
  try {
    const newest = await acceptRecovered(source.url, environment);
    console.log(`The newest event that was published is of ${newest}. What came after it is not applied; what a store took in the day before is published again. Now npm run audit, then start the nodes.`);
  } finally {
    await source.close();
  }
}

await command(main, "Nothing was restored.");

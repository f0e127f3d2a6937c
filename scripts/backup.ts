import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { readEnvironment, SettingError } from "../node/environment.ts";
import { installedDatabase } from "../node/running-database.ts";
import { takeBackup } from "./backup/take.ts";
import { command } from "./command.ts";

/* `npm run backup -- --out FILE`: everything that PostgreSQL holds of the installation, as of one moment, beside the running platform or without one. */
const USAGE = "Usage: npm run backup -- --out FILE";

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { out: { type: "string" } } });
  if (!values.out) throw new SettingError(USAGE);
  const environment = readEnvironment({ ...process.env, NATS_URL: "", SERVICES: "" });
  const source = await installedDatabase(environment);
  try {
    const { takenAt, bytes, tables } = await takeBackup({ path: resolve(values.out), url: source.url, environment });
    const rows = Object.values(tables).reduce((sum, table) => sum + Number(table.rows), 0);
    console.log(`${resolve(values.out)}: ${rows} rows of ${Object.keys(tables).length} tables as of ${takenAt}, ${(bytes / 1e6).toFixed(1)} MB. Keep DATA_ENCRYPTION_KEY with it, but not beside it.`);
  } finally {
    await source.close();
  }
}

await command(main, "The backup was not taken.");

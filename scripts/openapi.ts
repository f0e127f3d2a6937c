import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { stringify } from "yaml";
import { contracts } from "../services/contracts.ts";
import { edgeDocument, serviceDocument } from "../services/api/openapi/document.ts";

const ROOT = resolve(import.meta.dirname, "..");
const HEAD = "# Made by `npm run openapi` from contract.ts, and checked in CI: change the contract, not this file.\n";

/** What every service's openapi.yml has to say, by path. */
export function openApiFiles(): Map<string, string> {
  const text = (document: object) => HEAD + stringify(document, { lineWidth: 0, aliasDuplicateObjects: false });
  const files = contracts.map((contract): [string, string] => [join(ROOT, "services", contract.name, "openapi.yml"), text(serviceDocument(contract))]);
  return new Map([...files, [join(ROOT, "services", "api", "openapi.yml"), text(edgeDocument())]]);
}

/** Paths of the files that say something else than the contracts. */
export function staleFiles(): string[] {
  return [...openApiFiles()].filter(([path, text]) => !existsSync(path) || readFileSync(path, "utf8") !== text).map(([path]) => relative(ROOT, path));
}

function main(): void {
  if (!process.argv.includes("--check")) {
    for (const [path, text] of openApiFiles()) writeFileSync(path, text);
    return;
  }
  const stale = staleFiles();
  if (stale.length === 0) return;
  console.error(`Not what the contracts say: ${stale.join(", ")}. Run \`npm run openapi\` and commit the result.`);
  process.exitCode = 1;
}

if (import.meta.main) main();

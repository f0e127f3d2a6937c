import type { ResultOf } from "../lib/contract.ts";
import { callAs } from "../mixins/call.ts";
import { sql } from "../mixins/database.ts";
import { startNode, type Node } from "../node/broker.ts";
import { readEnvironment, SERVICE_NAMES, type Environment } from "../node/environment.ts";
import { CONSOLE } from "../node/key-ring.ts";
import { migrate } from "../node/migrate.ts";
import { installedDatabase } from "../node/running-database.ts";
import { loadSecrets } from "../node/secrets.ts";
import type { reportContract } from "../services/report/contract.ts";
import { command } from "./command.ts";

/* `npm run audit`: recomputes everything of every tenant, beside a running platform or without one. Exit status 1 on any difference. */

type Verdict = ResultOf<(typeof reportContract)["actions"]["verifyPlatform"]>;
interface Tenant { readonly id: string; readonly slug: string }

// By the worker's role: it may read the slugs of all tenants, and nothing else of them.
const TENANTS = sql("audit.tenants", "SELECT tenant_id AS id, slug FROM tenant_slug ORDER BY slug");

/** @returns the number of differences, over all tenants */
export async function audit(environment: Environment, print: (line: string) => void = console.log): Promise<number> {
  const source = await installedDatabase(environment);
  try {
    if (source.startedHere) await migrate(source.url, environment, loadSecrets(environment));
    const node = await startNode({ environment, secrets: loadSecrets(environment), databaseUrl: source.url, services: SERVICE_NAMES.filter((name) => name !== "api") });
    try {
      return await auditNode(node, print);
    } finally {
      await node.stop();
    }
  } finally {
    await source.close();
  }
}

/** Every tenant of a running node; each difference on a line that names its row. @returns their number */
export async function auditNode(node: Pick<Node, "broker" | "platform">, print: (line: string) => void): Promise<number> {
  const tenants = await node.platform.worker("entity").asWorker((tx) => tx.query<Tenant>(TENANTS));
  if (tenants.length === 0) print("There is no tenant: nothing to audit.");
  let differences = 0;
  for (const tenant of tenants) {
    const verdict = await callAs({ broker: node.broker, service: CONSOLE, tenantId: tenant.id }, "report.verifyPlatform", {});
    printVerdict(tenant, verdict, print);
    differences += verdict.checks.reduce((sum, check) => sum + check.differences.length, 0);
  }
  print(differences ? `\n${differences} difference(s): see above.` : `\nNo difference in ${tenants.length} tenant(s).`);
  return differences;
}

function printVerdict(tenant: Tenant, verdict: Verdict, print: (line: string) => void): void {
  print(`\n${tenant.slug} (${tenant.id})`);
  for (const check of verdict.checks) {
    print(`  ${check.differences.length ? "DIFFERS" : "ok     "}  ${check.name.padEnd(24)} ${String(check.compared).padStart(9)} compared, ${check.differences.length} different`);
    for (const difference of check.differences) print(`           ${check.name}: ${JSON.stringify(difference)}`);
  }
}

async function main(): Promise<void> {
  const environment = readEnvironment({ ...process.env, LOG_LEVEL: process.env.LOG_LEVEL ?? "error" });
  process.exitCode = (await audit(environment)) ? 1 : 0;
}

if (import.meta.main) await command(main, "The audit did not run.");

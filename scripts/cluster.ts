import { join } from "node:path";
import { readEnvironment } from "../node/environment.ts";
import { explain } from "../node/start.ts";
import { clusterReady, startLocalCluster, type LocalCluster } from "./local-cluster.ts";

/* `npm run cluster`: NATS, PostgreSQL and six nodes on this machine, with one log. Ctrl-C stops them all. */
const NAME_WIDTH = 10;

/** A node's line as a person reads it; what is no JSON (a stack) as it is. */
function print(node: string, line: string): void {
  const prefix = node.padEnd(NAME_WIDTH);
  try {
    const { level, time, msg, ...rest } = JSON.parse(line) as Record<string, unknown>;
    const known = ["hostname", "pid", "nodeID", "ns", "mod", "svc", "ver"];
    const more = Object.entries(rest).filter(([name]) => !known.includes(name)).map(([name, value]) => `${name}=${typeof value === "string" ? value : JSON.stringify(value)}`).join(" ");
    console.log(`  ${prefix} ${String(time).slice(11, 19)} ${LEVELS[Number(level)] ?? ""}${String(msg)} ${more}`);
  } catch {
    console.log(`  ${prefix} ${line}`);
  }
}

const LEVELS: Record<number, string> = { 40: "warning: ", 50: "ERROR: ", 60: "FATAL: " };

function banner(cluster: LocalCluster): string {
  const edges = cluster.nodes.filter(({ services }) => services.includes("api"));
  return `
  A BeaverOS cluster of ${cluster.nodes.length} nodes

${cluster.nodes.map(({ name, services, child }) => `    ${name.padEnd(NAME_WIDTH)} ${services.join(", ").padEnd(28)} process ${child.pid}`).join("\n")}

    The edge            ${edges.map(({ base }) => base).join("  and  ")}
    NATS                nats://127.0.0.1:${cluster.natsPort}
    Try                 kill -9 one of the processes, and sell on

  Ctrl-C stops them all.
`;
}

async function main(): Promise<void> {
  const { port, dataDir } = readEnvironment({ ...process.env, DATABASE_URL: "", NATS_URL: "", SERVICES: "", KEY_RING_FILE: "" });
  const cluster = await startLocalCluster({ dataDir: join(dataDir, "cluster"), port, variables: { LOG_LEVEL: process.env.LOG_LEVEL ?? "info" }, print: (node, line) => { if (quietStart.done || !BANNER.test(line)) print(node, line); } });
  let stopping = false;
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => {
    if (stopping) return;
    stopping = true;
    console.log("\n  Stopping …");
    void cluster.stop().then(() => process.exit(0));
  });
  await clusterReady(cluster);
  quietStart.done = true;
  console.log(banner(cluster));
}

/** Each node prints a banner of its own, which six times over tells nobody anything. */
const quietStart = { done: false };
const BANNER = /^\s+(BeaverOS listens|API documentation|OpenAPI document|Ready\?|The first sale|Ctrl-C stops)/;

try {
  await main();
} catch (error) {
  console.error(`\n  The cluster did not start. ${explain(error)}\n`);
  process.exit(1);
}

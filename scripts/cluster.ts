import { join } from "node:path";
import { readEnvironment } from "../node/environment.ts";
import { explain } from "../node/start.ts";
import { clusterReady, startLocalCluster, type LocalCluster } from "./local-cluster.ts";
import { MergedLog, nameColumn } from "./merged-log.ts";

/* `npm run cluster`: NATS, PostgreSQL and six nodes on this machine, with one log. Ctrl-C stops them all. */
function banner(cluster: LocalCluster): string {
  const edges = cluster.nodes.filter(({ services }) => services.includes("api"));
  return `
  A BeaverOS cluster of ${cluster.nodes.length} nodes

${cluster.nodes.map(({ name, services, child }) => `    ${nameColumn(name)} ${services.join(", ").padEnd(28)} process ${child.pid}`).join("\n")}

    The edge            ${edges.map(({ base }) => base).join("  and  ")}
    NATS                nats://127.0.0.1:${cluster.natsPort}
    The console         NATS_URL=nats://127.0.0.1:${cluster.natsPort} KEY_RING_FILE=${cluster.consoleKeys} npm run repl   (or npm run operator)
    Try                 kill -9 one of the processes, and sell on

  Ctrl-C stops them all.
`;
}

async function main(): Promise<void> {
  const { port, dataDir } = readEnvironment({ ...process.env, DATABASE_URL: "", NATS_URL: "", SERVICES: "", KEY_RING_FILE: "" });
  const log = new MergedLog();
  const print = (node: string, line: string) => {
    const text = log.readable(node, line);
    if (text !== undefined) console.log(text);
  };
  const cluster = await startLocalCluster({ dataDir: join(dataDir, "cluster"), port, variables: { LOG_LEVEL: process.env.LOG_LEVEL ?? "info" }, detached: true, print });
  let stopping = false;
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => {
    if (stopping) return;
    stopping = true;
    console.log("\n  Stopping …");
    void cluster.stop().then(() => process.exit(0));
  });
  try {
    await clusterReady(cluster);
  } catch (error) {
    await cluster.stop();
    throw error;
  }
  console.log(banner(cluster));
}

try {
  await main();
} catch (error) {
  console.error(`\n  The cluster did not start. ${explain(error)}\n`);
  process.exit(1);
}

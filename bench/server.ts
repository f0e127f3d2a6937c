import { startPlatform } from "../node/start.ts";
import { SERVICE_NAMES } from "../node/environment.ts";

/* The platform exactly as `npm start` runs it, with one more thing: it tells its parent how many transactions and statements it sent. */
const running = await startPlatform();
const { platform } = running.node;

process.on("message", (question) => {
  if (question === "stop") return void running.stop().then(() => process.exit(0));
  const pools = SERVICE_NAMES.filter((name) => name !== "api").flatMap((name) => [platform.database(name), platform.worker(name)]);
  const sum = (key: "transactions" | "statements") => pools.reduce((total, pool) => total + pool.stats[key], 0);
  process.send!({ databaseUrl: running.databaseUrl, transactions: sum("transactions"), statements: sum("statements"), rss: process.memoryUsage().rss });
});
process.send!("ready");

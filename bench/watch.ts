import { fork, type ChildProcess } from "node:child_process";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { cpuSeconds, load, startServer, type Server } from "./measure.ts";
import { sale, stockShop, target, type Shop } from "./shop.ts";

/* `npm run bench:watch`: what metrics and traces cost a sale. Four platforms side by side, loaded in turn, round after round: what the machine does meanwhile befalls all of them alike. */
const { values: options } = parseArgs({ options: { rounds: { type: "string", default: "9" }, seconds: { type: "string", default: "3" } } });
const ROUNDS = Number(options.rounds), SECONDS = Number(options.seconds), WIDTH = 16, SCRAPE_MS = 1_000;
const METRICS_PORT = 39_464;

interface Variant { readonly name: string; readonly server: Server; readonly shop: Shop; readonly rounds: { nodeMs: number; postgresMs: number; perSecond: number }[] }

async function main(): Promise<void> {
  const { child: collector, endpoint } = await startCollector();
  const variants: Variant[] = [];
  const kinds: Record<string, Record<string, string>> = {
    "nothing": {}, "nothing, again": {}, "metrics, scraped each second": { METRICS_PORT: String(METRICS_PORT) },
    "traces, every 20th": { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_TRACES_SAMPLER: "parentbased_traceidratio", OTEL_TRACES_SAMPLER_ARG: "0.05" },
    "traces, all": { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint },
  };
  for (const [name, variables] of Object.entries(kinds)) {
    const server = await startServer(variables);
    variants.push({ name, server, shop: await stockShop(server), rounds: [] });
  }
  const scraper = setInterval(() => { fetch(`http://127.0.0.1:${METRICS_PORT}/metrics`).then((response) => response.text(), () => undefined); }, SCRAPE_MS);
  for (const variant of variants) await measure(variant); // warm-up: plans, caches, JIT
  for (const variant of variants) variant.rounds.length = 0;
  for (let round = 0; round < ROUNDS; round++) for (const variant of variants) await measure(variant);
  clearInterval(scraper);
  report(variants, await answerOf(collector));
  await Promise.all(variants.map(({ server }) => server.stop()));
  collector.disconnect();
}

async function measure({ server, shop, rounds }: Variant): Promise<void> {
  const before = cpuSeconds(server);
  const measured = await load({ ...target(server, shop), width: WIDTH, seconds: SECONDS, next: sale(shop) });
  await new Promise((wake) => setTimeout(wake, 1_500)); // events and spans are part of a sale
  const after = cpuSeconds(server), sales = measured.requests - measured.failed;
  rounds.push({ nodeMs: ((after.node - before.node) * 1_000) / sales, postgresMs: ((after.postgres - before.postgres) * 1_000) / sales, perSecond: measured.perSecond });
}

async function startCollector(): Promise<{ child: ChildProcess; endpoint: string }> {
  const child = fork(join(import.meta.dirname, "collector.ts"), { stdio: ["ignore", "inherit", "inherit", "ipc"] });
  const port = await new Promise((listening) => child.once("message", listening));
  return { child, endpoint: `http://127.0.0.1:${port as number}` };
}

function answerOf(collector: ChildProcess): Promise<number> {
  const answer = new Promise<number>((done) => collector.once("message", (bytes) => done(bytes as number)));
  collector.send("taken");
  return answer;
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;

function report(variants: readonly Variant[], takenBytes: number): void {
  const plain = variants[0]!.rounds;
  // Round by round against the plain one of the same round.
  const more = (variant: Variant) => median(variant.rounds.map(({ nodeMs }, round) => nodeMs / plain[round]!.nodeMs));
  console.table(Object.fromEntries(variants.map((variant) => [variant.name, {
    "node CPU ms a sale": Number(median(variant.rounds.map(({ nodeMs }) => nodeMs)).toFixed(3)), "against nothing": `${((more(variant) - 1) * 100).toFixed(1)} %`,
    "PostgreSQL CPU ms": Number(median(variant.rounds.map(({ postgresMs }) => postgresMs)).toFixed(3)), "sales/s": Math.round(median(variant.rounds.map(({ perSecond }) => perSecond))),
  }])));
  console.log(`medians of ${ROUNDS} rounds of ${SECONDS} s, ${WIDTH} at once; the collector took ${(takenBytes / 2 ** 20).toFixed(0)} MiB`);
}

await main();

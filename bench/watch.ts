import { fork, type ChildProcess } from "node:child_process";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { startServer } from "./measure.ts";
import { measureInTurn, median, more, openSide, WIDTH, type Side } from "./rounds.ts";

/* `npm run bench:watch`: what metrics and traces cost a sale. Five platforms side by side. */
const { values: options } = parseArgs({ options: { rounds: { type: "string", default: "9" }, seconds: { type: "string", default: "3" } } });
const ROUNDS = Number(options.rounds), SECONDS = Number(options.seconds), SCRAPE_MS = 1_000;
const METRICS_PORT = 39_464;

async function main(): Promise<void> {
  const { child: collector, endpoint } = await startCollector();
  const sides: Side[] = [];
  const kinds: Record<string, Record<string, string>> = {
    "nothing": {}, "nothing, again": {}, "metrics, scraped each second": { METRICS_PORT: String(METRICS_PORT) },
    "traces, every 20th": { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_TRACES_SAMPLER: "parentbased_traceidratio", OTEL_TRACES_SAMPLER_ARG: "0.05" },
    "traces, all": { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint },
  };
  for (const [name, variables] of Object.entries(kinds)) sides.push(await openSide(name, await startServer(variables)));
  const scraper = setInterval(() => { fetch(`http://127.0.0.1:${METRICS_PORT}/metrics`).then((response) => response.text(), () => undefined); }, SCRAPE_MS);
  await measureInTurn(sides, { rounds: ROUNDS, seconds: SECONDS });
  clearInterval(scraper);
  report(sides, await answerOf(collector));
  await Promise.all(sides.map(({ server }) => server.stop()));
  collector.disconnect();
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

function report(sides: readonly Side[], takenBytes: number): void {
  console.table(Object.fromEntries(sides.map((side) => [side.name, {
    "node CPU ms a sale": Number(median(side.rounds.map(({ nodeMs }) => nodeMs)).toFixed(3)), "against nothing": `${(more(side, sides[0]!, ({ nodeMs }) => nodeMs) * 100).toFixed(1)} %`,
    "PostgreSQL CPU ms": Number(median(side.rounds.map(({ postgresMs }) => postgresMs)).toFixed(3)), "sales/s": Math.round(median(side.rounds.map(({ perSecond }) => perSecond))),
  }])));
  console.log(`medians of ${ROUNDS} rounds of ${SECONDS} s, ${WIDTH} at once; the collector took ${(takenBytes / 2 ** 20).toFixed(0)} MiB`);
}

await main();

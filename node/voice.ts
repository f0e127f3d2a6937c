import { SERVICE_NAMES, type Environment } from "./environment.ts";
import type { Log } from "./log/log.ts";

/** What a start says of itself: to a machine a line of the log, to a person a page. */
export interface Voice { started(): void; stops(signal: string): void; fails(sentence: string): void }

export function voiceOf(environment: Environment, log: Log): Voice {
  if (environment.logFormat === "pretty") return { started: () => console.log(pageOf(environment)), stops: (signal) => console.log(`\n  ${stopping(signal)} …`), fails: sayToPeople };
  const always = log.child({}, { level: "info" }); // where it listens is said at any level
  return { started: () => always.info(sentenceOf(environment)), stops: (signal) => always.info(stopping(signal)), fails: (sentence) => log.fatal(sentence) };
}

/** Also before the settings say who listens. */
export const sayToPeople = (sentence: string): void => console.error(`\n  ${sentence}\n`);

const stopping = (signal: string): string => `${signal}: finishing what is under way`;
const hasEdge = ({ services }: Environment): boolean => services.includes("api");
const baseOf = ({ host, port }: Environment): string => `http://${host.includes(":") ? `[${host}]` : host}:${port}`;

function sentenceOf(environment: Environment): string {
  const { services } = environment, base = baseOf(environment);
  if (!hasEdge(environment)) return `Serving ${services.join(", ")}; readiness at ${base}/health/ready`;
  const here = services.length < SERVICE_NAMES.length ? `; serving ${services.join(", ")}` : "";
  return `BeaverOS listens on ${base}: documentation at ${base}/docs, readiness at ${base}/health/ready, a first sale with npm run demo${here}`;
}

function pageOf(environment: Environment): string {
  const base = baseOf(environment);
  if (!hasEdge(environment)) return `\n  ${sentenceOf(environment)}\n`;
  return `
  BeaverOS listens on ${base}

    API documentation   ${base}/docs
    OpenAPI document    ${base}/openapi.json
    Ready?              ${base}/health/ready
    The first sale      npm run demo   (in another terminal), or by hand: see README.md

  Ctrl-C stops it; data stays in ${environment.databaseUrl ? "your PostgreSQL" : environment.dataDir}.
`;
}

import { hostname } from "node:os";
import { Loggers } from "moleculer";
import { pino, type LogFn, type Logger, type LoggerOptions } from "pino";
import type { Environment } from "../environment.ts";
import { maskFields, mask } from "./mask.ts";
import { reasonOf, stackOf } from "./reason.ts";
import { currentScope, traceIdOf } from "./scope.ts";

export type Log = Logger;
type LogSettings = Pick<Environment, "logLevel" | "logFormat">;

/** The log of this process, on standard output: a JSON object per line, or as a person reads it.
 *  Whatever writes a line, and from wherever, it says for whom the work was done, and holds no secret and nobody's data. */
export async function openLog({ logLevel, logFormat }: LogSettings): Promise<Log> {
  const options: LoggerOptions = {
    level: logLevel,
    base: logFormat === "json" ? { host: hostname(), pid: process.pid } : null,
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    formatters: { level: (label) => ({ level: label }) },
    mixin: ofScope,
    hooks: { logMethod: writeClean },
  };
  if (logFormat === "json") return pino(options);
  // Loaded only where a person looks on, and written at once, so that the last lines before an end are not lost.
  const { default: pretty } = await import("pino-pretty");
  return pino(options, pretty({ sync: true, singleLine: true, ignore: "pid,host,node,module", translateTime: "SYS:HH:MM:ss" }));
}

function ofScope(): object {
  const scope = currentScope();
  return scope ? { tenantId: scope.tenantId, actor: scope.actor, requestId: scope.requestId, traceId: traceIdOf(scope.traceparent) } : {};
}

/** An object goes first, or its fields are dropped: Moleculer gives the text first and the error behind it. */
function writeClean(this: Logger, args: unknown[], method: LogFn): void {
  const [first, second] = args;
  const fields = typeof first === "string" ? second : first;
  const text = typeof first === "string" ? first : typeof second === "string" ? second : "";
  const write = method as (fields: object, text: string) => void;
  if (fields instanceof Error) write.call(this, { error: stackOf(fields) }, mask(text || reasonOf(fields)));
  else write.call(this, (typeof fields === "object" && fields !== null ? maskFields(fields) : {}) as object, mask(text));
}

/** Moleculer says at `info` what only its authors want to know: each action, each packet, each module. Of nodes that come and go node/neighbours.ts tells. */
const MOLECULES: Readonly<Record<string, "warn" | "error">> = { BROKER: "warn", TRANSIT: "warn", TRANSPORTER: "warn", SERIALIZER: "warn", CACHER: "warn", REGISTRY: "error", DISCOVERY: "error" };
/** Levels of those who look closer. */
const CLOSER = ["debug", "trace"];
const OF_EACH_SERVICE = /^Service '.*' (is stopping|started|stopped|has been)/;
type Args = [unknown, ...unknown[]];
type LogHandler = (level: "fatal" | "error" | "warn" | "info" | "debug" | "trace", args: Args) => void;

/** Our log as Moleculer's: the module that speaks is named, and its own modules keep to what matters. */
export class BrokerLog extends Loggers.Base<Loggers.Base.LoggerOptions> {
  readonly #log: Log;

  constructor(log: Log) {
    super({ level: log.level } as never);
    this.#log = log;
  }

  override getLogHandler(bindings: { mod?: string; nodeID?: string } = {}): never {
    const { mod = "", nodeID } = bindings;
    const level = CLOSER.includes(this.#log.level) ? undefined : MOLECULES[mod.toUpperCase()];
    const child = this.#log.child({ node: nodeID, module: mod }, level && this.#log.levels.values[level]! > this.#log.levelVal ? { level } : {});
    const handle: LogHandler = (level, args) => {
      const isNoise = level === "info" && typeof args[0] === "string" && OF_EACH_SERVICE.test(args[0]);
      (child[isNoise ? "debug" : level] as (...args: Args) => void)(...args);
    };
    return handle as never;
  }
}

import type { Log } from "./log/log.ts";
import type { Obstacle } from "./readiness.ts";

/** A node on its way up: what it waits for, as the log and the probes say it. */
export class Waiting {
  readonly #log: Log;
  #obstacle: Obstacle = { dependency: "node", detail: "The node is being started" };

  constructor(log: Log) {
    this.#log = log;
  }

  get obstacle(): Obstacle {
    return this.#obstacle;
  }

  /** @param sentence names what keeps the node from serving */
  warn(sentence: string): void {
    this.#log.warn(sentence);
    this.#obstacle = { dependency: dependencyIn(sentence), detail: sentence.replace(/^Not ready: /, "") };
  }
}

function dependencyIn(sentence: string): string {
  if (/^Not ready: NATS/.test(sentence)) return "nats";
  if (/^Not ready: The node/.test(sentence)) return "cluster";
  return /^Not ready: PostgreSQL/.test(sentence) ? "database" : "node";
}

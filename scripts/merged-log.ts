const NAME_WIDTH = 10;
const LEVELS: Readonly<Record<string, string>> = { warn: "warning: ", error: "ERROR: ", fatal: "FATAL: " };
/** Who said it stands in front; the rest is for machines. */
const LEFT_OUT = new Set(["host", "pid", "node", "module", "traceId"]);
const NODE_ID = /[\w-]+\.[\w-]+-(\d+)-[0-9a-f]{6}/g;
const OF_A_NEIGHBOUR = /^The node /;
const SAME_NEWS_MS = 5_000;

interface Line { readonly level: string; readonly time: string; readonly msg: string; readonly pid: number }
export const nameColumn = (name: string): string => name.padEnd(NAME_WIDTH);

/** The logs of several nodes as one that a person reads: nodes by their names, and what all of them notice of another is said once. */
export class MergedLog {
  readonly #names = new Map<number, string>();
  readonly #news = new Map<string, number>();

  /** @param line of a node's output; what is no JSON is left as it is
   *  @returns undefined when another node has just said so */
  readable(node: string, line: string): string | undefined {
    try {
      const { level, time, msg, ...rest } = JSON.parse(line) as Line;
      this.#names.set(rest.pid, node);
      const text = msg.replace(NODE_ID, (id, pid: string) => this.#names.get(Number(pid)) ?? id);
      if (OF_A_NEIGHBOUR.test(text)) return this.#isNews(text, Date.parse(time)) ? `  ${nameColumn("")} ${time.slice(11, 19)} ${LEVELS[level] ?? ""}${text}` : undefined;
      const fields = Object.entries(rest).filter(([name]) => !LEFT_OUT.has(name)).map(([name, value]) => `${name}=${typeof value === "string" ? value : JSON.stringify(value)}`);
      return `  ${nameColumn(node)} ${time.slice(11, 19)} ${LEVELS[level] ?? ""}${text}${fields.length ? `  (${fields.join(" ")})` : ""}`;
    } catch {
      return `  ${nameColumn(node)} ${line}`;
    }
  }

  #isNews(text: string, at: number): boolean {
    const last = this.#news.get(text) ?? -Infinity;
    this.#news.set(text, at);
    return at - last > SAME_NEWS_MS;
  }
}

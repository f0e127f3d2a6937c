import type { Node } from "../../node/broker.ts";

export type Samples = ReadonlyMap<string, number>;

/** The metrics page as `name{label="value",…}` → number. */
export async function scrape(node: Pick<Node, "ports">): Promise<Samples> {
  const page = await (await fetch(`http://127.0.0.1:${node.ports.metrics!.port}/metrics`)).text();
  return new Map(page.split("\n").filter((line) => line && !line.startsWith("#")).map((line) => {
    const at = line.lastIndexOf(" ");
    return [line.slice(0, at), Number(line.slice(at + 1))];
  }));
}

/** Of one metric the values whose labels contain all of these. */
export function valuesOf(samples: Samples, name: string, labels: Record<string, string> = {}): number[] {
  const wanted = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
  return [...samples].filter(([key]) => key.split("{")[0] === name && wanted.every((pair) => key.includes(pair))).map(([, value]) => value);
}

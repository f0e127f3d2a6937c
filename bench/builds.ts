import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { startServer } from "./measure.ts";
import { measureInTurn, median, more, openSide, WIDTH, type Side } from "./rounds.ts";

/* `npm run bench:builds -- <commit> <commit> …`: what one build sells and costs against another, side by side on this machine. The packages are this folder's for all. */
const { values: options, positionals: commits } = parseArgs({ allowPositionals: true, options: { rounds: { type: "string", default: "11" }, seconds: { type: "string", default: "3" } } });
const home = join(import.meta.dirname, "..");

async function main(): Promise<void> {
  const trees = commits.map((commit) => ({ commit, tree: checkOut(commit) }));
  try {
    const sides: Side[] = [];
    for (const { commit, tree } of trees) sides.push(await openSide(commit, await startServer({}, join(tree, "bench", "server.ts"))));
    await measureInTurn(sides, { rounds: Number(options.rounds), seconds: Number(options.seconds) });
    report(sides);
    await Promise.all(sides.map(({ server }) => server.stop()));
  } finally {
    for (const { tree } of trees) rmSync(tree, { recursive: true, force: true });
  }
}

function checkOut(commit: string): string {
  const tree = mkdtempSync(join(tmpdir(), "beaveros-build-"));
  execFileSync("tar", ["-x", "-C", tree], { input: execFileSync("git", ["-C", home, "archive", commit], { maxBuffer: 2 ** 30 }) });
  symlinkSync(join(home, "node_modules"), join(tree, "node_modules"));
  return tree;
}

function report(sides: readonly Side[]): void {
  const first = sides[0]!, percent = (share: number) => `${share < 0 ? "−" : "+"}${Math.abs(share * 100).toFixed(1)} %`;
  console.table(Object.fromEntries(sides.map((side) => [side.name, {
    "sales/s": Number(median(side.rounds.map(({ perSecond }) => perSecond)).toFixed(1)), "against the first": percent(more(side, first, ({ perSecond }) => perSecond)),
    "CPU ms a sale": Number(median(side.rounds.map(({ nodeMs, postgresMs }) => nodeMs + postgresMs)).toFixed(2)), "against the first ": percent(more(side, first, ({ nodeMs, postgresMs }) => nodeMs + postgresMs)),
  }])));
  console.log(`medians of ${options.rounds} rounds of ${options.seconds} s, ${WIDTH} at once`);
}

if (commits.length < 2) throw new Error("Name two commits or more: npm run bench:builds -- HEAD~1 HEAD");
await main();

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { clusterReady, startLocalCluster, type LocalCluster } from "../../scripts/local-cluster.ts";
import { logLines, type LogLine } from "../support/log-lines.ts";
import { startProcess } from "../support/process.ts";
import { until } from "../support/until.ts";

/* What nobody needs to know is not said at level info. */

const folder = () => mkdtempSync(join(tmpdir(), "beaveros-quiet-"));

it("a node says where it listens and that it stops, and no more", async () => {
  const dataDir = folder();
  const node = await startProcess({ dataDir, variables: { LOG_LEVEL: "info" } });
  expect(await node.terminate()).toBe(0);
  expect(logLines(node.output()).map(({ level, msg }) => `${level}: ${msg}`)).toEqual([
    `info: BeaverOS listens on ${node.base}: documentation at ${node.base}/docs, readiness at ${node.base}/health/ready, a first sale with npm run demo`, "info: SIGTERM: finishing what is under way",
  ]);
  rmSync(dataDir, { recursive: true, force: true });
}, 120_000);

describe("of a cluster", () => {
  const dataDir = folder();
  let cluster: LocalCluster, said: Record<string, string>;
  const linesOf = (name: string): LogLine[] => logLines(said[name] ?? "");
  const tells = (name: string, from: number, of: RegExp) => until(() => linesOf(name).slice(from).some(({ msg }) => of.test(msg)));
  beforeAll(async () => {
    said = {};
    cluster = await startLocalCluster({
      dataDir, nodes: [["auth", "entity", "api"], ["order", "purchasing", "report"], ["catalog", "payment", "workflow"], ["catalog", "payment", "workflow"]],
      variables: { LOG_LEVEL: "info" }, settings: { fsync: "off" }, print: (node, line) => { said[node] = `${said[node] ?? ""}${line}\n`; },
    });
    await clusterReady(cluster);
    await new Promise((wake) => setTimeout(wake, 5_500)); // they have met
  }, 120_000);
  afterAll(() => rmSync(dataDir, { recursive: true, force: true }));

  it("the start is one line from each node, and one for each neighbour that came late", () => {
    for (const { name } of cluster.nodes) expect([name, linesOf(name).filter(({ level, msg }) => level !== "info" || !/^The node \S+ has joined$/.test(msg)).map(({ msg }) => msg)]).toEqual([name, [expect.stringMatching(/^(BeaverOS listens on|Serving) /)]]);
  });

  it("a node that leaves and comes back is one line each from the others; one that dies is a warning", async () => {
    const [edge, , , leaver] = cluster.nodes, before = linesOf(edge!.name).length;
    expect(await leaver!.end("SIGTERM")).toBe(0);
    await tells("auth-1", before, /^The node catalog.* has left$/);
    leaver!.start();
    await tells("auth-1", before, /^The node catalog.* has joined$/);
    await clusterReady(cluster);
    await leaver!.end("SIGKILL");
    await tells("auth-1", before, /^The node catalog.* is gone without a word/);
    expect(linesOf(edge!.name).slice(before).map(({ level, msg }) => [level, msg.replace(/^The node \S+ /, "")])).toEqual([["info", "has left"], ["info", "has joined"], ["warn", "is gone without a word: others do its work"]]);
    leaver!.start();
    await clusterReady(cluster);
  }, 60_000);

  it("and the stop of all of them is one line from each, and no warning", async () => {
    const before = Object.fromEntries(cluster.nodes.map(({ name }) => [name, linesOf(name).length]));
    await cluster.stop();
    for (const { name } of cluster.nodes) expect([name, linesOf(name).slice(before[name]).map(({ level, msg }) => `${level}: ${msg}`)]).toEqual([name, ["info: SIGTERM: finishing what is under way"]]);
  }, 60_000);
});

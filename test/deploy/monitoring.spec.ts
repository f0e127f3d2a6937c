import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "@jest/globals";
import { parse } from "yaml";
import { METRICS } from "../../node/metrics/catalogue.ts";
import { findPromtool } from "../../scripts/promtool.ts";
import { ROOT } from "../support/source-files.ts";
import { objectionsToQuery } from "./promql.ts";

const FOLDER = join(ROOT, "monitoring"), PROMETHEUS = join(FOLDER, "prometheus");
const read = (path: string) => readFileSync(join(FOLDER, path), "utf8");
interface Rule { alert: string; expr: string; labels: { severity: string }; annotations: { summary: string } }
const rules = (parse(read("prometheus/rules/beaveros.yml")) as { groups: { rules: Rule[] }[] }).groups.flatMap((group) => group.rules);
interface Panel { id: number; type: string; title: string; gridPos: { x: number; y: number; w: number; h: number }; datasource?: { uid: string }; targets?: { expr: string; datasource: { uid: string } }[] }
interface Dashboard { uid: string; title: string; panels: Panel[]; templating: { list: { name: string; definition: string }[] } }
const dashboards = readdirSync(join(FOLDER, "grafana", "dashboards")).map((file) => ({ file, board: JSON.parse(read(`grafana/dashboards/${file}`)) as Dashboard }));

describe("the alert rules", () => {
  it("name only metrics and labels that there are", () => {
    expect(rules.flatMap(({ expr }) => objectionsToQuery(expr))).toEqual([]);
  });

  it("are right for Prometheus itself", () => {
    const checked = spawnSync(findPromtool(), ["check", "rules", "rules/beaveros.yml"], { cwd: PROMETHEUS, encoding: "utf8" });
    expect([checked.stdout + checked.stderr, checked.status]).toEqual([expect.stringContaining(`${rules.length} rules found`), 0]);
  }, 120_000);

  it("go off when they should and not before", () => {
    const tested = spawnSync(findPromtool(), ["test", "rules", "rules.test.yml"], { cwd: PROMETHEUS, encoding: "utf8" });
    expect([tested.stdout + tested.stderr, tested.status]).toEqual([expect.stringContaining("SUCCESS"), 0]);
  }, 120_000);

  it("are each tested, both ways", () => {
    const cases = (parse(read("prometheus/rules.test.yml")) as { tests: { alert_rule_test: { alertname: string; exp_alerts: unknown[] }[] }[] }).tests.flatMap((test) => test.alert_rule_test);
    const told = (some: typeof cases) => new Set(some.map(({ alertname }) => alertname));
    const names = new Set(rules.map(({ alert }) => alert));
    expect([told(cases.filter((one) => one.exp_alerts.length > 0)), told(cases.filter((one) => one.exp_alerts.length === 0))]).toEqual([names, names]);
  });

  it("are critical or warnings, and say in a sentence what is wrong", () => {
    for (const { alert, labels, annotations } of rules) expect([alert, labels.severity, annotations.summary]).toEqual([alert, expect.stringMatching(/^(critical|warning)$/), expect.stringMatching(/ \w+/)]);
  });

  it("have each a line in docs/operations.md, and no line is of an alert that is gone", () => {
    const lines = [...readFileSync(join(ROOT, "docs", "operations.md"), "utf8").matchAll(/^\| `([A-Z]\w+)` \|/gm)].map((match) => match[1]!);
    expect(lines.toSorted()).toEqual(rules.map(({ alert }) => alert).toSorted());
  });
});

describe("the scrape configurations", () => {
  it.each(["prometheus.yml", "kubernetes.yml"])("%s is one that Prometheus takes", (file) => {
    const folder = mkdtempSync(join(tmpdir(), "beaveros-prometheus-"));
    try {
      cpSync(PROMETHEUS, folder, { recursive: true });
      // Debian builds Prometheus without the discovery of Kubernetes; what is done with what was discovered is checked all the same.
      writeFileSync(join(folder, file), read(`prometheus/${file}`).replaceAll(/kubernetes_sd_configs: &pods\n(?: {6}.*\n)+/g, "dns_sd_configs: &pods [{ names: [pods] }]\n").replaceAll("kubernetes_sd_configs: *pods", "dns_sd_configs: *pods"));
      expect(execFileSync(findPromtool(), ["check", "config", file], { cwd: folder, encoding: "utf8" })).toContain("SUCCESS");
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }, 120_000);

  it("give every series of a node the labels that rules and dashboards count on", () => {
    for (const file of ["prometheus.yml", "kubernetes.yml"]) {
      const { scrape_configs: jobs } = parse(read(`prometheus/${file}`), { merge: true }) as { scrape_configs: { job_name: string; relabel_configs?: { target_label?: string }[] }[] };
      expect([file, jobs.map(({ job_name }) => job_name)]).toEqual([file, expect.arrayContaining(["beaveros", "nats"])]);
      expect([file, jobs.find(({ job_name }) => job_name === "beaveros")!.relabel_configs!.map((rule) => rule.target_label)]).toEqual([file, expect.arrayContaining(["node"])]);
    }
  });
});

describe.each(dashboards)("the dashboard $file", ({ board }) => {
  const queries = board.panels.flatMap((panel) => panel.targets ?? []);

  it("names only metrics and labels that there are", () => {
    expect(queries.filter(({ datasource }) => datasource.uid === "prometheus").flatMap(({ expr }) => objectionsToQuery(expr))).toEqual([]);
    for (const { definition } of board.templating.list) {
      const [, metric, label] = definition.match(/^label_values\((\w+), (\w+)\)$/)!;
      expect(objectionsToQuery(`max by (${label}) (${metric})`)).toEqual([]);
    }
  });

  it("asks only sources that are set up, and fills only variables that it has", () => {
    const { datasources } = parse(read("grafana/provisioning/datasources/datasources.yml")) as { datasources: { uid: string }[] };
    for (const { datasource } of queries) expect(datasources.map(({ uid }) => uid)).toContain(datasource.uid);
    const used = new Set(queries.flatMap(({ expr }) => [...expr.matchAll(/\$(\w+)/g)].map((match) => match[1]!)).filter((name) => name !== "__rate_interval"));
    expect([...used].filter((name) => !board.templating.list.some((variable) => variable.name === name))).toEqual([]);
  });

  it("lays its panels out side by side, each with a number and a title of its own", () => {
    expect(new Set(board.panels.map(({ id }) => id)).size).toBe(board.panels.length);
    expect(new Set(board.panels.map(({ title }) => title)).size).toBe(board.panels.length);
    const cells = board.panels.flatMap(({ gridPos: { x, y, w, h } }) => Array.from({ length: w * h }, (_, index) => `${x + (index % w)}:${y + Math.floor(index / w)}`));
    expect(new Set(cells).size).toBe(cells.length);
    expect(Math.max(...board.panels.map(({ gridPos: { x, w } }) => x + w))).toBeLessThanOrEqual(24);
  });
});

describe("what a node measures", () => {
  it("is seen in a dashboard or wakes somebody, whatever it is", () => {
    const said = JSON.stringify([rules, dashboards]);
    // Of the process itself the heap and the mean say nothing that memory and the slowest hundredth do not.
    const aside = ["process_start_time_seconds", "nodejs_heap_size_used_bytes", "nodejs_eventloop_lag_mean_seconds"];
    expect(Object.values(METRICS).map(({ name }) => name).filter((name) => !said.includes(name) && !aside.includes(name))).toEqual([]);
  });

  it("is missed when it is renamed", () => {
    expect(objectionsToQuery("max(beaveros_outbox_age_seconds)")).toEqual(["nobody measures beaveros_outbox_age_seconds"]);
    expect(objectionsToQuery('sum by (tenant) (beaveros_sales_total)')).toEqual(["no metric of it has the label tenant: sum by (tenant) (beaveros_sales_total)"]);
    expect(objectionsToQuery("beaveros_inbox_lag_seconds")).toEqual(["nobody measures beaveros_inbox_lag_seconds"]);
    expect(objectionsToQuery("sum(beaveros_sales_total")).not.toEqual([]);
  });
});

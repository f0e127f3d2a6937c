import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Programs that the tests fetched for themselves; nothing is installed. */
const CACHE = join(import.meta.dirname, "..", "node_modules", ".cache");
/** Where servers are, which an ordinary user's PATH leaves out. */
const SERVERS = ["/usr/sbin", "/usr/local/sbin", "/usr/local/bin"];

export interface Tool {
  readonly name: string;
  /** The environment variable that may say where it is. */
  readonly variable: string;
  /** Puts it into the folder. @returns its path; undefined: it cannot be had here */
  fetch(folder: string): string | undefined;
  /** Is the one that was found good enough? */
  suits?(path: string): boolean;
  readonly howTo: string;
}

/** Where the variable says, on the PATH, or what an earlier call or this one fetches into node_modules/.cache.
 *  @throws one sentence that says how to get it */
export function findTool({ name, variable, fetch, suits = () => true, howTo }: Tool): string {
  const folder = join(CACHE, name), cached = join(folder, name);
  const places = [process.env[variable], ...[...(process.env.PATH ?? "").split(":"), ...SERVERS].map((place) => join(place, name)), cached];
  const found = places.find((path) => path && existsSync(path) && suits(path));
  if (found) return found;
  mkdirSync(folder, { recursive: true });
  const fetched = fetch(folder);
  if (!fetched) throw new Error(`There is no ${name} on this machine that suits. ${howTo}`);
  return fetched;
}

/** A file out of a package of Debian's, without installing it. @returns undefined where there is no apt-get, or it has no such package */
export function fromDebianPackage(debianPackage: string, path: string, folder: string): string | undefined {
  if (spawnSync("apt-get", ["--version"]).status !== 0) return undefined;
  const scratch = mkdtempSync(join(tmpdir(), `${debianPackage}-`));
  try {
    const download = () => spawnSync("apt-get", ["download", debianPackage], { cwd: scratch }).status === 0;
    // A machine without package lists gets them first, which takes root.
    if (!download() && !(spawnSync("apt-get", ["update"]).status === 0 && download())) return undefined;
    execFileSync("dpkg-deb", ["--extract", join(scratch, readdirSync(scratch).find((name) => name.endsWith(".deb"))!), scratch]);
    const target = join(folder, path.split("/").at(-1)!);
    // Under another name first: two test files may fetch at once, and neither may run half a program.
    execFileSync("cp", [join(scratch, path), `${target}.${process.pid}`]);
    execFileSync("mv", [`${target}.${process.pid}`, target]);
    return target;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

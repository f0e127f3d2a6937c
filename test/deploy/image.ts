import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, readdirSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import dockerignore from "@balena/dockerignore";
import { DockerfileParser, type From, type Instruction, type JSONInstruction } from "dockerfile-ast";
import { ROOT } from "../support/source-files.ts";

/** What a container of the image starts with. */
export interface Image { readonly folder: string; readonly environment: Record<string, string>; readonly command: readonly string[]; readonly user: string; readonly workdir: string }
interface Stage { readonly name: string; readonly parent: string; readonly instructions: readonly Instruction[] }

/** The user of the images, and who stands in for it here: nobody where we are root, else ourselves. */
const IMAGE_USER = "1000";
export const STAND_IN = process.getuid!() === 0 ? 65_534 : process.getuid!();

/** The stages of the Dockerfile, in order. @throws for an instruction before the first FROM other than ARG */
export function stagesOf(text = readFileSync(join(ROOT, "Dockerfile"), "utf8")): Stage[] {
  const stages: { name: string; parent: string; instructions: Instruction[] }[] = [];
  for (const instruction of DockerfileParser.parse(text).getInstructions()) {
    if (instruction.getKeyword() === "FROM") stages.push({ name: (instruction as From).getBuildStage()!, parent: (instruction as From).getImage()!, instructions: [] });
    else stages.at(-1)!.instructions.push(instruction);
  }
  return stages;
}

/** Files of the build context: what .dockerignore lets through, of what git would hold. */
export function contextFiles(): string[] {
  // Its types describe an ES module, its code is none.
  const ignored = (dockerignore as unknown as typeof dockerignore.default)().add(readFileSync(join(ROOT, ".dockerignore"), "utf8").split("\n"));
  const tops = readdirSync(ROOT).filter((name) => !["node_modules", ".git", ".data"].includes(name));
  const all = tops.flatMap((top) => (statSync(join(ROOT, top)).isDirectory() ? readdirSync(join(ROOT, top), { recursive: true, encoding: "utf8" }).map((name) => `${top}/${name}`) : [top]));
  return all.filter((path) => !ignored.ignores(path) && statSync(join(ROOT, path)).isFile());
}

/** Takes the steps of a Dockerfile in folders of this machine, without an engine: one folder per stage, its WORKDIR.
 *  Stands for what the files do, not for the base image: `node` is the one that runs the tests. */
export class Builder {
  readonly #folder: string;
  readonly #images = new Map<string, Image>();
  readonly #stages = new Map(stagesOf().map((stage) => [stage.name, stage]));

  constructor(folder: string) {
    this.#folder = folder;
  }

  build(name: string): Image {
    const built = this.#images.get(name);
    if (built) return built;
    const stage = this.#stages.get(name)!;
    const parent = this.#stages.has(stage.parent) ? this.build(stage.parent) : { environment: {}, command: [], user: "0", workdir: "/", folder: "" };
    let image: Image = { ...parent, folder: join(this.#folder, name) };
    mkdirSync(image.folder);
    if (parent.folder) link(parent.folder, image.folder);
    for (const instruction of stage.instructions) image = this.#take(instruction, image);
    this.#images.set(name, image);
    return image;
  }

  #take(instruction: Instruction, image: Image): Image {
    const words = instruction.getArguments().map((word) => word.getValue());
    switch (instruction.getKeyword()) {
      case "ENV": return { ...image, environment: { ...image.environment, ...Object.fromEntries(words.map((word) => word.split("=", 2) as [string, string])) } };
      case "WORKDIR": return { ...image, workdir: words[0]! };
      case "USER": return { ...image, user: words[0]! };
      case "CMD": return { ...image, command: (instruction as JSONInstruction).getJSONStrings().map((word) => JSON.parse(word.getValue()) as string) };
      case "COPY": this.#copy(instruction as JSONInstruction, words, image); return image;
      case "RUN": run((instruction as JSONInstruction).getArgumentsContent()!, image); return image;
      default: return image; // EXPOSE, VOLUME, HEALTHCHECK: they change no file
    }
  }

  #copy(instruction: JSONInstruction, words: readonly string[], image: Image): void {
    const from = instruction.getFlags().find((flag) => flag.getName() === "from")?.getValue();
    const target = words.at(-1)!, sources = words.slice(0, -1);
    if (from) return link(join(this.build(from).folder, sources[0]!.replace(image.workdir, "")), join(image.folder, target));
    for (const path of contextFiles().filter((file) => sources.includes(".") || sources.includes(file))) {
      mkdirSync(dirname(join(image.folder, path)), { recursive: true });
      cpSync(join(ROOT, path), join(image.folder, path));
    }
  }
}

/** A copy of many thousand files that costs none: no step changes a file in place. */
function link(from: string, to: string): void {
  mkdirSync(to, { recursive: true });
  const { status, stderr } = spawnSync("cp", ["-al", `${from}/.`, to], { encoding: "utf8" });
  if (status !== 0) throw new Error(stderr);
}

function run(text: string, { folder, environment }: Image): void {
  const command = text.replace(/^(--\S+\s+)*/, "");
  // It runs on this very machine: nothing outside the folder may be meant.
  if (/(^|[\s"'=])(\/|\.\.|~)/.test(command)) throw new Error(`a RUN step names a path outside its folder: ${command}`);
  const ran = spawnSync("sh", ["-ec", command.replaceAll(IMAGE_USER, String(STAND_IN))], { cwd: folder, encoding: "utf8", env: { ...cleanEnvironment(), ...environment } });
  if (ran.status !== 0) throw new Error(`${command}\n${ran.stdout}${ran.stderr}`);
}

/** Without what `npm test` tells its children: an npm inside would work on this project's node_modules. */
export function cleanEnvironment(): Record<string, string> {
  const kept = ["HOME", "NODE_EXTRA_CA_CERTS", "HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY"];
  const own = Object.entries(process.env).filter(([name]) => kept.includes(name.toUpperCase()) || /^npm_config_(registry|cache|userconfig|cafile|proxy|https_proxy)$/i.test(name));
  return { ...Object.fromEntries(own) as Record<string, string>, PATH: `${dirname(process.execPath)}:${process.env.PATH}` };
}

/** As a container engine mounts the root: nobody may write but into the volumes. */
export function seal(folder: string, volumes: readonly string[] = []): void {
  spawnSync("chmod", ["-R", "a-w", folder]);
  for (const volume of volumes) spawnSync("chmod", ["-R", "u+w", join(folder, volume)]);
}

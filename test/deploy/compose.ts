import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { ROOT } from "../support/source-files.ts";
import type { Container } from "./container.ts";

export interface ComposeService {
  readonly image: string; readonly command?: readonly string[]; readonly environment?: Record<string, string>; readonly volumes?: readonly string[]; readonly ports?: readonly string[]; readonly user?: string;
  readonly read_only?: boolean; readonly cap_drop?: readonly string[]; readonly security_opt?: readonly string[]; readonly tmpfs?: readonly string[]; readonly stop_grace_period?: string; readonly network_mode?: string;
  readonly depends_on?: readonly string[] | Record<string, { readonly condition: string }>; readonly build?: { readonly target: string };
}
export interface ComposeFile { readonly name: string; readonly services: Record<string, ComposeService>; readonly volumes: Record<string, unknown> }

/** docker-compose.yml as `docker compose` reads it: anchors merged, variables at their defaults. */
export function readCompose(): ComposeFile {
  const text = readFileSync(join(ROOT, "docker-compose.yml"), "utf8").replaceAll(/\$\{\w+:-([^}]*)\}/g, "$1");
  return parse(text, { merge: true }) as ComposeFile;
}

/** A mount of the short form. A source that is a path is one beside the file. */
export function mountsOf({ volumes = [] }: ComposeService): { source: string; target: string; isReadOnly: boolean }[] {
  return volumes.map((text) => { const [source, target, mode] = text.split(":") as [string, string, string?]; return { source, target, isReadOnly: mode === "ro" }; });
}

/** @param secrets a folder as `npm run secrets` fills it: a volume holds the folder of its name */
export function containerOf(name: string, service: ComposeService, secrets: string): Container {
  return {
    name, variables: service.environment ?? {}, ports: { http: 3000, metrics: 9464 }, probes: [],
    file: (path) => mountsOf(service).filter(({ target }) => path.startsWith(`${target}/`)).map(({ source, target }) => join(secrets, source, path.slice(target.length))).find((file) => existsSync(file)),
  };
}

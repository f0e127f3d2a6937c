import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { parseDocument } from "yaml";
import { SettingError } from "../node/environment.ts";
import { command } from "./command.ts";

const USAGE = "npm run release -- --overlay production --image registry.example.com/beaveros@sha256:…\n  Writes the image into k8s/overlays/<overlay>/release, from where the migration and every node take it.";
const DIGEST = /^(?<name>[\w.:/-]+)@(?<digest>sha256:[0-9a-f]{64})$/;
const TAG = /^(?<name>[\w.:/-]+):(?<tag>[\w.-]+)$/;

/** @param text a kustomization with one entry under `images`
 *  @param image by digest, which cannot be moved, or by tag
 *  @returns the text with that image, its comments kept
 *  @throws SettingError when it is neither */
export function withImage(text: string, image: string): string {
  const { name, digest, tag } = (DIGEST.exec(image) ?? TAG.exec(image))?.groups ?? {};
  if (!name) throw new SettingError(`"${image}" names no version of an image.\n${USAGE}`);
  const document = parseDocument(text);
  const entry = ["images", 0];
  document.setIn([...entry, "newName"], name);
  document.deleteIn([...entry, digest ? "newTag" : "digest"]);
  document.setIn([...entry, digest ? "digest" : "newTag"], digest ?? tag);
  return document.toString();
}

function main(): void {
  const { values } = parseArgs({ options: { overlay: { type: "string" }, image: { type: "string" } } });
  if (!values.overlay || !values.image) throw new SettingError(USAGE);
  const path = join(import.meta.dirname, "..", "k8s", "overlays", values.overlay, "release", "kustomization.yaml");
  writeFileSync(path, withImage(readFileSync(path, "utf8"), values.image));
}

if (import.meta.main) await command(main);

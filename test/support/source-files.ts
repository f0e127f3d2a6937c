import { readFileSync, readdirSync } from "node:fs";
import { join, relative, resolve, dirname } from "node:path";

export const ROOT = resolve(import.meta.dirname, "..", "..");
export interface SourceFile { readonly path: string; readonly text: string; readonly imports: readonly string[]; readonly runtimeImports: readonly string[] }

/** Every TypeScript file of the project below a folder, with its relative imports resolved to project paths. */
export function sourceFiles(folder: string): SourceFile[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => {
      const path = `${folder}/${name}`;
      const text = readFileSync(join(ROOT, path), "utf8");
      const importsOf = (source: string) => [...source.matchAll(/(?:from|import)\s*\(?\s*["'](\.[^"']+)["']/g)].map((match) => relative(ROOT, resolve(ROOT, dirname(path), match[1]!)));
      return { path, text, imports: importsOf(text), runtimeImports: importsOf(text.replaceAll(/^import type .*$/gm, "")) };
    });
}

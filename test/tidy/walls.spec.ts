import { describe, expect, it } from "@jest/globals";
import { sourceFiles } from "../support/source-files.ts";

const serviceOf = (path: string) => path.match(/^services\/([^/]+)\//)?.[1];
const services = sourceFiles("services");
const isTest = (path: string) => path.includes("/test/");

describe("the walls between services", () => {
  it("let a service import nothing of another but its contract", () => {
    const breaches = services.filter((file) => !isTest(file.path) && serviceOf(file.path)).flatMap((file) => file.imports
      .filter((target) => serviceOf(target) && serviceOf(target) !== serviceOf(file.path) && !target.endsWith("/contract.ts"))
      .map((target) => `${file.path} → ${target}`));
    expect(breaches).toEqual([]);
  });

  // Types vanish before anything runs, and an error catalogue is a table: neither brings a clock, a database or a broker along.
  const isPure = (path: string, target: string) => target.startsWith("lib/") || target.startsWith(`services/${serviceOf(path)}/domain/`) || target === `services/${serviceOf(path)}/errors.ts`;

  it("keep domain/ pure: at run time only lib/, itself and its error catalogue; no clock, no ids, no SQL, no Moleculer", () => {
    const breaches = services.filter((file) => /^services\/[^/]+\/domain\//.test(file.path)).flatMap((file) => [
      ...file.runtimeImports.filter((target) => !isPure(file.path, target)).map((target) => `${file.path} → ${target}`),
      ...(/\bDate\.now\(|new Date\(\)|lib\/ids\.ts|from "moleculer|from "pg"|from "sequelize/.test(file.text) ? [`${file.path}: clock, ids or a database`] : []),
    ]);
    expect(breaches).toEqual([]);
  });

  it("keep lib/ free of Moleculer and SQL", () => {
    const breaches = sourceFiles("lib").filter((file) => !isTest(file.path) && (/from "(moleculer|pg|sequelize)/.test(file.text) || file.imports.some((target) => !target.startsWith("lib/"))));
    expect(breaches.map((file) => file.path)).toEqual([]);
  });

  it("allow SQL under models/ only", () => {
    const statement = /[`"']\s*(SELECT\s|INSERT INTO\s|UPDATE\s+\S+\s+SET\s|DELETE FROM\s|WITH\s+\S+\s+AS\s*\()/;
    const breaches = services.filter((file) => !isTest(file.path) && !/\/models\//.test(file.path) && (statement.test(file.text) || /\bsql\(\s*["'`]/.test(file.text)));
    expect(breaches.map((file) => file.path)).toEqual([]);
  });

  it("leave a service file without logic: a table of contents", () => {
    const files = services.filter((file) => /^services\/([^/]+)\/\1\.service\.ts$/.test(file.path) && !file.path.startsWith("services/api/"));
    expect(files).toHaveLength(8);
    for (const file of files) expect([file.path, /\b(if|for|while|switch)\s*\(/.test(file.text)]).toEqual([file.path, false]);
  });

  it("keep every source file below 400 lines", () => {
    const long = ["lib", "middlewares", "mixins", "node", "services", "scripts", "bench"].flatMap(sourceFiles).filter((file) => file.text.split("\n").length > 400);
    expect(long.map((file) => file.path)).toEqual([]);
  });
});

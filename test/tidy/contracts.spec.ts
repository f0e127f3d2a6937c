import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "@jest/globals";
import { routeOf } from "../../lib/contract.ts";
import { errorCatalogue } from "../../services/error-catalogue.ts";
import { contracts } from "../../services/contracts.ts";
import { ROOT, sourceFiles } from "../support/source-files.ts";

const actions = contracts.flatMap((contract) => Object.entries(contract.actions).map(([name, action]) => ({ name: `${contract.name}.${name}`, service: contract.name, action })));

describe("every action", () => {
  it.each(actions.map(({ name, action }) => [name, action] as const))("%s declares who may call it, says what it does, and is closed", (_, action) => {
    expect(action.permission).toMatch(/^(public|authenticated|internal|operator|[a-z]+(\.[a-zA-Z]+){2})$/);
    expect(action.summary).toMatch(/\w+ \w+/); // "A role" says enough
    expect((action.params as { additionalProperties?: unknown }).additionalProperties).toBe(false);
  });

  it("reaches the edge by a route of its own", () => {
    const routes = actions.filter(({ action }) => action.rest).map(({ action }) => action.rest!.replaceAll(/:[a-zA-Z]+/g, ":x"));
    expect(new Set(routes).size).toBe(routes.length);
    for (const route of routes) expect(routeOf(route).path).toMatch(/^\/(v1|\.well-known)\//);
  });

  it("that is internal or the operator's has no route", () => {
    expect(actions.filter(({ action }) => ["internal", "operator"].includes(action.permission) && action.rest).map(({ name }) => name)).toEqual([]);
  });

  it("names only errors that the catalogue explains", () => {
    const unknown = actions.flatMap(({ name, action }) => (action.errors ?? []).filter((code) => !(code in errorCatalogue)).map((code) => `${name}: ${code}`));
    expect(unknown).toEqual([]);
  });

  it("file carries a docstring", () => {
    const bare = sourceFiles("services").filter((file) => /^services\/[^/]+\/actions\/[^/]+\.ts$/.test(file.path) && !file.text.includes("/**"));
    expect(bare.map((file) => file.path)).toEqual([]);
  });
});

describe("every service", () => {
  it.each(contracts.map((contract) => contract.name))("%s has the same shape: contract, errors, service, README, openapi.yml", (name) => {
    for (const file of ["contract.ts", "errors.ts", `${name}.service.ts`, "README.md", "openapi.yml"]) expect([file, existsSync(join(ROOT, "services", name, file))]).toEqual([file, true]);
  });

  it("tells in its README what to do at 3 a.m.", () => {
    for (const { name } of contracts) expect(readFileSync(join(ROOT, "services", name, "README.md"), "utf8")).toMatch(/3 a\.m\./);
  });
});

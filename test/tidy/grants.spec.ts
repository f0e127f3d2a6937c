import { describe, expect, it } from "@jest/globals";
import { holds } from "../../lib/permissions.ts";
import { SERVICE_GRANTS } from "../../node/tokens.ts";
import { contracts } from "../../services/contracts.ts";
import { sourceFiles } from "../support/source-files.ts";

/** What each service asks of others on its own account, as its files say. */
const asked = sourceFiles("services").filter(({ path }) => !path.includes("/test/")).flatMap(({ path, text }) => {
  const service = path.split("/")[1]!;
  return [...text.matchAll(/callAs\([^;]{0,200}?"([a-z]+)\.([A-Za-z]+)"/g)].map(([, owner, action]) => ({ service, name: `${owner}.${action}`, permission: contracts.find(({ name }) => name === owner)!.actions[action!]!.permission }));
});

describe("what services ask on their own account", () => {
  it("is internal, or granted to that service", () => {
    expect(asked.length).toBeGreaterThan(20);
    expect(asked.filter(({ service, permission }) => permission !== "internal" && !holds(SERVICE_GRANTS[service] ?? [], permission))).toEqual([]);
  });

  it("is granted to nobody who does not ask for it", () => {
    const idle = Object.entries(SERVICE_GRANTS).filter(([service]) => contracts.some(({ name }) => name === service))
      .flatMap(([service, permissions]) => permissions.filter((permission) => !asked.some((call) => call.service === service && call.permission === permission)));
    expect(idle).toEqual([]);
  });
});

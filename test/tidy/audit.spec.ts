import { describe, expect, it } from "@jest/globals";
import { contracts } from "../../services/contracts.ts";
import { sourceFiles } from "../support/source-files.ts";

/** What a client may ask for that is no change, and why. */
const NO_CHANGE: Readonly<Record<string, string>> = {
  "order.quoteOrder": "keeps nothing",
  "auth.refresh": "a session that was told of goes on",
};
const files = sourceFiles("services");
const changes = contracts.flatMap(({ name, actions }) => Object.entries(actions).filter(([, action]) => action.rest && !action.rest.startsWith("GET ")).map(([action]) => ({ service: name, action, name: `${name}.${action}` })));

describe("every change that a client can ask for", () => {
  // `command` tells the audit log by itself; whoever opens its transactions itself stamps what it does.
  it.each(changes.filter(({ name }) => !(name in NO_CHANGE)).map(({ name, service, action }) => [name, service, action] as const))("%s is told to the audit log", (_, service, action) => {
    const file = files.find(({ path, text }) => path.startsWith(`services/${service}/actions/`) && new RegExp(`export const ${action}\\b`).test(text));
    expect(file?.text).toMatch(/\bcommand<|\bstampOf(User)?\(/);
  });

  it("or is named as none", () => {
    expect(Object.keys(NO_CHANGE).filter((name) => !changes.some((change) => change.name === name))).toEqual([]);
  });
});

import { describe, expect, it } from "@jest/globals";
import { REQUEST_TIMEOUT_MS } from "../../moleculer.config.ts";
import { AUDIT_MS, BATCH_MS } from "../../lib/contract.ts";
import { contracts } from "../../services/contracts.ts";
import { defineService } from "../../services/define-service.ts";

const internal = contracts.flatMap((contract) => {
  const { actions } = defineService(contract, { actions: {} });
  return Object.entries(contract.actions).filter(([, { rest }]) => !rest).map(([name]) => ({ name: `${contract.name}.${name}`, timeout: (actions![name] as { timeout?: number }).timeout }));
});

describe("time-outs shrink inwards", () => {
  it.each(internal)("$name gives up in time for a second try, unless it works through everything", ({ timeout }) => {
    if (timeout !== AUDIT_MS && timeout !== BATCH_MS) expect(timeout! * 3).toBeLessThan(REQUEST_TIMEOUT_MS);
  });

  it("those are the audit's and the imports', all of them", () => {
    const works = (names: typeof internal) => names.map(({ name }) => name);
    expect(works(internal.filter(({ timeout }) => timeout === AUDIT_MS || timeout === BATCH_MS))).toEqual(works(internal.filter(({ name }) => /\.(import|ensureVariants$|verify$|figures$|orderTotals$)/u.test(name))));
  });
});

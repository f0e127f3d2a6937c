import { afterAll, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import { newId } from "../../../../lib/ids.ts";
import { startTestPlatform, type TestPlatform } from "../../../../test/support/platform.ts";

let platform: TestPlatform, alder: string, birch: string;
beforeAll(async () => { platform = await startTestPlatform({ services: ["purchasing"] }); });
afterAll(async () => { await platform.stop(); });
beforeEach(() => { [alder, birch] = [newId(), newId()]; });

const as = (tenantId: string, permissions?: string[]) => platform.actor(tenantId, permissions);
const names = async (tenantId: string, params: object = {}) => (await as(tenantId).call("purchasing.listSuppliers", { sort: "name", ...params })).data.map(({ name }) => name);

describe("a supplier", () => {
  it("is kept, changed under its version, and archived", async () => {
    const made = await as(alder).call("purchasing.createSupplier", { name: "Exotic Liquids", email: "orders@example.com", currency: "GBP", leadTimeDays: 7, paymentTerms: "30 days", reference: "S-1", metadata: { group: "drinks" } });
    expect(made).toMatchObject({ name: "Exotic Liquids", currency: "GBP", leadTimeDays: 7, reference: "S-1", metadata: { group: "drinks" }, version: 1, archivedAt: null });
    expect(await as(alder).call("purchasing.updateSupplier", { id: made.id, leadTimeDays: null, name: "Exotic" }, { ifMatch: 1 })).toMatchObject({ name: "Exotic", leadTimeDays: null, version: 2 });
    await expect(as(alder).call("purchasing.updateSupplier", { id: made.id, name: "Late" }, { ifMatch: 1 })).rejects.toMatchObject({ type: "stale" });
    await as(alder).call("purchasing.deleteSupplier", { id: made.id });
    expect(await names(alder)).toEqual([]);
    expect(await as(alder).call("purchasing.getSupplier", { id: made.id })).toMatchObject({ name: "Exotic", archivedAt: expect.any(String) });
  });

  it("of another tenant is not there, and stays as it was", async () => {
    const { id } = await as(alder).call("purchasing.createSupplier", { name: "Exotic Liquids" });
    await expect(as(birch).call("purchasing.getSupplier", { id })).rejects.toMatchObject({ type: "not_found" });
    await expect(as(birch).call("purchasing.updateSupplier", { id, name: "Stolen" })).rejects.toMatchObject({ type: "not_found" });
    await expect(as(birch).call("purchasing.deleteSupplier", { id })).rejects.toMatchObject({ type: "not_found" });
    await expect(as(alder, ["purchasing.suppliers.read"]).call("purchasing.updateSupplier", { id, name: "No" })).rejects.toMatchObject({ type: "forbidden" });
    expect(await names(alder)).toEqual(["Exotic Liquids"]);
  });

  it("has a reference of its own, and a currency that exists", async () => {
    await as(alder).call("purchasing.createSupplier", { name: "One", reference: "S-1" });
    await expect(as(alder).call("purchasing.createSupplier", { name: "Two", reference: "S-1" })).rejects.toMatchObject({ type: "already_exists", data: { pointer: "/reference" } });
    await expect(as(alder).call("purchasing.createSupplier", { name: "Three", currency: "XXQ" })).rejects.toMatchObject({ type: "currency_mismatch" });
    await as(birch).call("purchasing.createSupplier", { name: "One", reference: "S-1" });
    expect(await names(alder)).toEqual(["One"]);
  });
});

describe("a supplier import", () => {
  const rows = [
    { line: 2, name: "Exotic Liquids", reference: "1", email: "", leadTimeDays: "7" }, { line: 3, name: "Cajun Delights", currency: "USD" }, { line: 4, name: "Cajun Delights" },
    { line: 5, name: " " }, { line: 6, name: "Bad", email: "nobody" }, { line: 7, name: "Bad", currency: "XXQ" }, { line: 8, name: "Bad", leadTimeDays: "soon" },
  ];
  const run = (tenantId: string) => platform.service("workflow", tenantId).call("purchasing.importSuppliers", { rows });

  it("takes the sound rows once, and says of the others which and why", async () => {
    expect(await run(alder)).toMatchObject({ imported: 2, skipped: 1, rejected: [{ line: 5, code: "required" }, { line: 6, code: "wrong_format" }, { line: 7, code: "invalid_currency" }, { line: 8, code: "wrong_format" }] });
    expect(await run(alder)).toMatchObject({ imported: 0, skipped: 3 });
    expect(await names(alder)).toEqual(["Cajun Delights", "Exotic Liquids"]);
    expect(await names(birch)).toEqual([]);
  });

  it("of one file ten times at once makes each supplier once", async () => {
    await Promise.all(Array.from({ length: 10 }, () => run(alder)));
    expect(await names(alder)).toEqual(["Cajun Delights", "Exotic Liquids"]);
  });
});

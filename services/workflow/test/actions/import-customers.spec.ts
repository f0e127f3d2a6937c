import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { ROOT } from "../../../../test/support/source-files.ts";
import { imported, openShop, startTestPlatform, type Job, type Shop, type TestPlatform } from "../support.ts";

/* 91 customers of a real sample, its own column names. */
const NORTHWIND = readFileSync(join(ROOT, "test", "data", "northwind-classic", "customers.csv"), "utf8");

let platform: TestPlatform, alder: Shop, birch: Shop;
beforeAll(async () => {
  platform = await startTestPlatform({ services: ["workflow", "auth", "entity", "order"] });
  [alder, birch] = [await openShop(platform, "alder"), await openShop(platform, "birch")];
});
afterAll(() => platform.stop());

const actor = (shop = alder) => platform.actor(shop.tenantId);
const bring = (text: string, params: { mapping?: string; delimiter?: string } = {}, shop = alder): Promise<Job> => imported(platform, shop.tenantId, { type: "customers", ...params }, text);
const customers = () => platform.sql<{ name: string; version: number }>("SELECT * FROM \"order\".customer ORDER BY tenant_id, id");
const withReference = async (reference: string, shop = alder) => (await actor(shop).call("order.listCustomers", { reference })).data;

describe("customers from a file", () => {
  it("come with the file's own columns: name, telephone and the parts of the address that are there", async () => {
    expect(await bring(NORTHWIND, { mapping: "northwindCustomers" })).toMatchObject({ status: "completed", counts: { rows: 91, imported: 91, rejected: 0, skipped: 0 } });
    expect(await withReference("ANATR")).toMatchObject([{
      name: "Ana Trujillo Emparedados y helados", phone: "(5) 555-4729", email: null, taxNumber: null,
      address: { street: "Avda. de la Constitución 2222", city: "México D.F.", postalCode: "05021", country: "Mexico" },
    }]);
    expect(await withReference("ANATR", birch)).toEqual([]);
  });

  it("stay as they are when the file comes again, also those that were changed or archived", async () => {
    const [changed] = await withReference("ALFKI"), [archived] = await withReference("WOLZA");
    await actor().call("order.updateCustomer", { id: changed!.id, name: "Alfred's" });
    await actor().call("order.archiveCustomer", { id: archived!.id });
    const before = await customers();
    expect(await bring(NORTHWIND, { mapping: "northwindCustomers" })).toMatchObject({ status: "completed", counts: { rows: 91, imported: 0, rejected: 0, skipped: 91 } });
    expect(await customers()).toEqual(before);
  });

  it("without a reference are known by all that their row says, in the same file and in the next", async () => {
    const ada = "Ada Lovelace,ada@lovelace.example,London", alan = "Alan Turing,,Manchester", other = "Ada Lovelace,ada@lovelace.example,Paris";
    expect(await bring(["name,email,city", ada, alan, ada].join("\n"))).toMatchObject({ counts: { rows: 3, imported: 2, skipped: 1 } });
    const before = await customers();
    expect(await bring(["name,email,city", other, ada, alan].join("\n"))).toMatchObject({ counts: { rows: 3, imported: 1, skipped: 2 } });
    expect(await customers()).toHaveLength(before.length + 1);
    expect((await actor().call("order.listCustomers", { email: "ada@lovelace.example" })).data.map(({ address }) => address!.city).sort()).toEqual(["London", "Paris"]);
  });

  it("of a reference that is there already are skipped, whoever brought it", async () => {
    const { id } = await actor().call("order.createCustomer", { name: "Grace Hopper", reference: "C-1" });
    expect(await bring("reference,name\nC-1,Somebody else\nC-2,Hedy Lamarr\nC-2,Hedy Lamarr again\n")).toMatchObject({ counts: { rows: 3, imported: 1, skipped: 2 } });
    expect((await actor().call("order.getCustomer", { id })).name).toBe("Grace Hopper");
    expect(await withReference("C-2")).toMatchObject([{ name: "Hedy Lamarr" }]);
  });

  it("with a fault are rejected alone, by line and reason", async () => {
    const job = await bring("name,email,phone\nGood One,one@good.example,\n,nobody@nowhere.example,\nBad Mail,not an address,\nBad Phone,,\"0123456789 0123456789 0123456789 0123456789 0123456789\"\nGood Two,,\n");
    expect(job).toMatchObject({ status: "completed", counts: { rows: 5, imported: 2, rejected: 3, skipped: 0 }, rejected: [
      { line: 3, code: "missing_field", message: "name is empty" }, { line: 4, code: "wrong_format", message: "email: not an e-mail address" }, { line: 5, code: "too_long", message: "phone: at most 50 characters" },
    ] });
  });
});

describe("the mapping of a customer file", () => {
  it("can be seen, copied and changed like that of every other", async () => {
    const { data } = await actor().call("workflow.listImportMappings", { type: "customers" });
    expect(data).toMatchObject([{ name: "northwindCustomers", builtIn: true, columns: { reference: "CustomerID", name: "CompanyName" } }]);
    const own = await actor().call("workflow.createImportMapping", { name: "by contact", type: "customers", columns: { reference: "CustomerID", name: "ContactName" } });
    await actor().call("workflow.changeImportMapping", { id: own.id!, columns: { reference: "Fax", phone: "Phone" } });
    expect(await bring("CustomerID;ContactName;Phone;Fax\nALFKI;Maria Anders;030-0074321;030-0076545\n", { mapping: "by contact", delimiter: ";" })).toMatchObject({ counts: { imported: 1 } });
    expect(await withReference("030-0076545")).toMatchObject([{ name: "Maria Anders", phone: "030-0074321" }]);
  });

  it.each([
    ["a field that customers do not have", { name: "Name", sku: "Article" }, "sku is no field of customers"],
    ["no column for the name", { reference: "No" }, "The field name has no column"],
  ])("is refused with %s", async (_, columns, message) => {
    await expect(actor().call("workflow.createImportMapping", { name: "wrong", type: "customers", columns })).rejects.toMatchObject({ type: "invalid_mapping", message: expect.stringContaining(message) });
  });

  it("is not taken for a file of another type", async () => {
    await expect(actor().call("workflow.createImport", { type: "suppliers", mapping: "northwindCustomers" })).rejects.toMatchObject({ type: "not_found" });
  });
});

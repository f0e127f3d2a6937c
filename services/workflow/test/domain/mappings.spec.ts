import { describe, expect, it } from "@jest/globals";
import { IMPORT_TYPES } from "../../contract.ts";
import { BUILT_IN, defaultMapping, mappingFault, type ImportType } from "../../domain/mappings.ts";
import { emptyField, fieldsOf, placeFields } from "../../domain/rows.ts";

describe("a mapping", () => {
  it.each([...IMPORT_TYPES])("of %s fits without anybody saying so", (type) => {
    expect(mappingFault(type, defaultMapping(type).columns)).toBeUndefined();
  });

  it("that is built in fits its type, and has its name alone", () => {
    for (const { type, columns } of BUILT_IN) expect(mappingFault(type, columns)).toBeUndefined();
    expect(new Set(BUILT_IN.map(({ name }) => name)).size).toBe(BUILT_IN.length);
  });

  it.each<[ImportType, Record<string, string>, string]>([
    ["products", { sku: "a" }, "The field name has no column"],
    ["sales", { number: "a", sku: "b", quantity: "c", at: "d" }, "The field unitPrice has no column"],
    ["customers", { name: "a", colour: "b" }, "colour is no field of customers: the fields are name, reference, email"],
    ["products", { sku: "a", name: "b", constructor: "c" }, "constructor is no field of products"],
  ])("of %s with %j does not fit", (type, columns, said) => {
    expect(mappingFault(type, columns)).toContain(said);
  });
});

describe("the header of a file", () => {
  it("places the columns wherever they stand, and leaves out what the file does not have", () => {
    const { places, missing } = placeFields("products", { sku: "Article", name: "Title", price: "Price" }, ["Title", " Article ", "Colour"]);
    expect([fieldsOf([" Mug", "MUG-RED ", "red"], places), missing]).toEqual([{ sku: "MUG-RED", name: "Mug" }, []]);
  });

  it("names the required columns that it lacks, and no other", () => {
    expect(placeFields("products", { sku: "Article", name: "Title", price: "Price" }, ["Price"]).missing).toEqual(["Article", "Title"]);
  });

  it("lets a row be without what is not required", () => {
    expect(emptyField("products", { sku: "MUG", name: "Mug", price: "" })).toBeUndefined();
    expect(emptyField("products", { sku: "MUG", name: "" })).toBe("name");
  });
});

import { describe, expect, it } from "@jest/globals";
import { asCustomer, rowFault, type CustomerRow } from "../../domain/customer-row.ts";

const row = (cells: Partial<CustomerRow>): CustomerRow => ({ line: 2, name: "Ada Lovelace", ...cells });

describe("a row of a customer file", () => {
  it.each<[string, Partial<CustomerRow>, string, string]>([
    ["a name of blanks", { name: "  " }, "required", "name"],
    ["a name of 201 characters", { name: "x".repeat(201) }, "too_long", "name"],
    ["a reference of 201 characters", { reference: "x".repeat(201) }, "too_long", "reference"],
    ["a telephone number of 51 characters", { phone: "1".repeat(51) }, "too_long", "phone"],
    ["an e-mail address without a domain", { email: "ada@" }, "wrong_format", "email"],
    ["a NUL character", { city: "Lon\0don" }, "wrong_format", "city"],
  ])("with %s is refused by the field's name", (_, cells, code, field) => {
    expect(rowFault(row(cells))).toEqual({ line: 2, code, message: expect.stringMatching(`^${field}: `) });
  });

  it("may say nothing but a name", () => {
    expect(rowFault(row({}))).toBeUndefined();
    expect(asCustomer(row({}))).toEqual({ line: 2, name: "Ada Lovelace", reference: null, email: null, phone: null, taxNumber: null, address: null });
  });

  it("is trimmed, and its address holds only the parts that are there", () => {
    expect(asCustomer(row({ name: " Ada ", phone: " 030-0074321 ", street: "Obere Str. 57", city: " Berlin", region: "", postalCode: "12209" }))).toMatchObject({ name: "Ada", phone: "030-0074321", address: { street: "Obere Str. 57", city: "Berlin", postalCode: "12209" } });
  });
});

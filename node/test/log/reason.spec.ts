import { describe, expect, it } from "@jest/globals";
import { DomainError } from "../../../lib/errors.ts";
import { mask, maskFields } from "../../log/mask.ts";
import { reasonOf, stackOf } from "../../log/reason.ts";

const with_ = (error: Error, fields: object) => Object.assign(error, fields);
const ROW = "Olive Owner, olive@alder.example";

describe("the reason of a failure as it may stand in a log", () => {
  const postgres = with_(new Error(`invalid input syntax for type uuid: "${ROW}"`), { severity: "ERROR", code: "22P02", detail: `Failing row contains (${ROW}).`, table: "customer" });
  it.each<[string, Error, string]>([
    ["PostgreSQL's messages and details quote rows", postgres, "PostgreSQL 22P02 in customer"],
    ["also when it came from another node, where its class and its fields stay behind", with_(new Error(ROW), { name: "error", code: "22P02" }), "PostgreSQL 22P02"],
    ["and a parser's too", with_(new Error(`Unexpected token 'o', "${ROW}" is not valid JSON`), { name: "SyntaxError" }), "SyntaxError: Unexpected token"],
    ["a constraint says which rule", with_(new Error("x"), { severity: "ERROR", code: "23514", table: "customer", constraint: "customer_name" }), "PostgreSQL 23514 in customer by customer_name"],
    ["Sequelize wraps it", with_(new Error(ROW), { original: postgres }), "PostgreSQL 22P02 in customer"],
    ["a parser quotes the text", new SyntaxError(`Unexpected token 'o', "${ROW}" is not valid JSON`), "SyntaxError: Unexpected token"],
    ["Intl quotes its argument", new RangeError(`Invalid time zone specified: ${ROW}`), "RangeError: Invalid time zone specified"],
    ["a mail server quotes the address", with_(new Error(`550 no such user <${ROW}>`), { code: "EENVELOPE", responseCode: 550, command: "RCPT TO" }), "SMTP EENVELOPE 550 at RCPT TO"],
    ["a refusal is known by its code", new DomainError("already_exists", 409, `There is an ${ROW}`), "refused: already_exists"],
    ["and says why where that is a code", new DomainError("unavailable", 503, "away", { reason: "57P01" }), "refused: unavailable (57P01)"],
    ["our own bug says what it says", new Error("invariant broken: the basket is empty"), "invariant broken: the basket is empty"],
    ["of any kind", new TypeError("Cannot read properties of undefined (reading 'id')"), "TypeError: Cannot read properties of undefined (reading 'id')"],
  ])("%s", (_, error, reason) => expect(reasonOf(error)).toBe(reason));

  it("has the places in the code below it, and the message nowhere else", () => {
    const stack = stackOf(postgres);
    expect(stack).toMatch(/^PostgreSQL 22P02 in customer\n +at /);
    expect(stack).not.toContain("Olive");
  });
});

describe("what looks like a secret or a person is masked in any text", () => {
  it.each([
    ["no such user <olive.owner+till@alder.example>", "no such user <[e-mail]>"],
    ["postgresql://beaver:s3cr3t@db:5432/beaveros", "postgresql://[hidden]@db:5432/beaveros"],
    ["authorization: Bearer abc.def", "authorization: Bearer [hidden]"],
    ["token eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln is over", "token [token] is over"],
    ["key bk_AZrN0sVndQ and br_AZrN0sVndQ", "key [token] and [token]"],
    ["card 4242 4242 4242 4242, call +49 151 23456789", "card [number], call [number]"],
    ["order 019c1b3e-0000-7000-8000-000000000001 at 2026-11-25T13:18:40.092Z", "order 019c1b3e-0000-7000-8000-000000000001 at 2026-11-25T13:18:40.092Z"],
    ["at file:///app/node_modules/@scope/package.js:12:5", "at file:///app/node_modules/@scope/package.js:12:5"],
  ])("%s", (text, masked) => expect(mask(text)).toBe(masked));

  it("and fields by their names, at any depth", () => {
    expect(maskFields({ saga: "s", order: { email: "x", lines: [{ cardNumber: 4, sku: "MUG" }] }, params: ["x"], ms: 4 })).toEqual({ saga: "s", order: { email: "[hidden]", lines: [{ cardNumber: "[hidden]", sku: "MUG" }] }, params: "[hidden]", ms: 4 });
  });
});

import { describe, expect, it } from "@jest/globals";
import { behaviourOf, describeCard, isCardNumber } from "../../domain/cards.ts";

describe("a card number", () => {
  it.each(["4242424242424242", "4000000000000002", "4000000000009995", "4000000000000341", "4000000000000259", "378282246310005", "5555555555554444"])("%s passes the Luhn check", (number) => {
    expect(isCardNumber(number)).toBe(true);
  });

  it("with any single digit changed does not", () => {
    const number = "4242424242424242";
    const wrong = [...number].flatMap((digit, at) => [1, 2, 3, 4, 5, 6, 7, 8, 9].map((by) => `${number.slice(0, at)}${(Number(digit) + by) % 10}${number.slice(at + 1)}`));
    expect(wrong.filter(isCardNumber)).toEqual([]);
  });

  it.each(["", "0", "4242 4242 4242 4242", "42424242424242424242", "４２４２４２４２４２４２４２４２"])("%j is none", (text) => { expect(isCardNumber(text)).toBe(false); });

  it("is kept as brand and last four digits only", () => {
    expect(describeCard("378282246310005")).toEqual({ brand: "amex", last4: "0005" });
  });
});

describe("the simulated provider", () => {
  it.each([
    ["4242424242424242", "approved"], ["4000000000000002", "declined"], ["4000000000009995", "insufficient_funds"], ["4000000000000341", "capture_fails"], ["4000000000000259", "disputed"],
    ["5555555555554444", "declined"],
  ])("%s: %s", (number, behaviour) => { expect(behaviourOf(number)).toBe(behaviour); });
});

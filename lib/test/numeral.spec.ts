import { describe, expect, it } from "@jest/globals";
import { numeral } from "../numeral.ts";

describe("a number of a file", () => {
  it.each([
    [".5", "0.5"], ["-.25", "-0.25"], ["7.", "7"], ["+3", "3"], ["+.5", "0.5"], [" 12.30 ", "12.30"], ["0", "0"], ["-4", "-4"],
  ])("%j is read as %j", (text, plain) => { expect(numeral(text)).toBe(plain); });

  it.each(["", ".", "-", "+", "1,234.50", "12,50", "1e3", "abc", "--1", "+-1", "1.2.3", "..5"])("%j is left for the reader to refuse", (text) => { expect(numeral(text)).toBe(text); });
});

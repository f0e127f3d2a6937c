import { describe, it, expect } from "@jest/globals";
import { expectedCheckDigit, isGtinShaped, toGtin14, verifyCheckDigit } from "../../domain/gs1.ts";

describe("GS1 check digit", () => {
  it.each([
    ["B01 EAN-13", "629104150021", 3],
    ["B03 UPC-A", "03600024145", 7],
    ["EAN-8", "7351353", 7],
    ["GTIN-14", "0629104150021", 3],
    ["a sum that is a multiple of ten", "000000000000", 0],
  ])("%s", (_name, body, digit) => {
    expect(expectedCheckDigit(body)).toBe(digit);
    expect(verifyCheckDigit(`${body}${digit}`)).toEqual({ valid: true });
    expect(verifyCheckDigit(`${body}${(digit + 1) % 10}`)).toEqual({ valid: false, expectedDigit: digit });
  });

  it("B05 rejects every single wrong digit in 4006381333931 (117 of 117)", () => {
    const wrong = [..."4006381333931"].flatMap((digit, index, digits) =>
      [..."0123456789"].filter((other) => other !== digit).map((other) => digits.with(index, other).join("")),
    );
    expect(wrong).toHaveLength(117);
    expect(wrong.filter((barcode) => verifyCheckDigit(barcode).valid)).toEqual([]);
  });

  it("B05 does not see a swap of two neighbours that differ by 5", () => {
    expect(verifyCheckDigit("4006381333931")).toEqual({ valid: true });
    expect(verifyCheckDigit("4006831333931")).toEqual({ valid: true }); // 38 → 83
    expect(verifyCheckDigit("4003681333931")).toEqual({ valid: false, expectedDigit: 7 }); // 63 → 36
  });

  it.each(["ABC-123", "12345", "4006381333931 ", "400638133393A", "123456789012345", ""])("asks no digit of %p, which is no GTIN", (barcode) => {
    expect(isGtinShaped(barcode)).toBe(false);
    expect(verifyCheckDigit(barcode)).toEqual({ valid: true });
    expect(toGtin14(barcode)).toBe(barcode);
  });

  it("makes one article of its UPC-A, EAN-13 and GTIN-14", () => {
    expect(new Set(["036000241457", "0036000241457", "00036000241457"].map(toGtin14))).toEqual(new Set(["00036000241457"]));
    expect(toGtin14("73513537")).toBe("00000073513537");
    expect(toGtin14("4006381333931")).not.toBe(toGtin14("036000241457"));
  });

  it("refuses a body that is not digits", () => {
    expect(() => expectedCheckDigit("12a")).toThrow(RangeError);
  });
});

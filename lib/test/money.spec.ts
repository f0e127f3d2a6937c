import { describe, it, expect } from "@jest/globals";
import fc from "fast-check";
import { addMoney, compareMoney, exponentOf, format, isCurrency, money, negateMoney, parseMoney, subtractMoney, sumMoney, toDecimalString } from "../money.ts";
import type { MoneyErrorCode } from "../money.ts";
import type { RoundingMode } from "../rounding.ts";

const failsWith = (code: MoneyErrorCode): Error => expect.objectContaining({ code }) as unknown as Error;

describe("money", () => {
  it.each([
    ["M01 USD", "10.00", "USD", 1000, "10.00 USD"],
    ["M01 JPY", "1000", "JPY", 1000, "1000 JPY"],
    ["M01 BHD", "1.234", "BHD", 1234, "1.234 BHD"],
    ["M01 CLF", "1.2345", "CLF", 12345, "1.2345 CLF"],
    ["fewer decimals than the currency", "12.3", "EUR", 1230, "12.30 EUR"],
    ["less than one", "0.05", "EUR", 5, "0.05 EUR"],
    ["below zero", "-0.05", "EUR", -5, "-0.05 EUR"],
    ["minus zero is zero", "-0.00", "EUR", 0, "0.00 EUR"],
    ["decimals that are only zeros", "1.2300", "EUR", 123, "1.23 EUR"],
    ["the largest", "90071992547409.91", "EUR", Number.MAX_SAFE_INTEGER, "90071992547409.91 EUR"],
  ])("reads and prints minor units: %s", (_name, text, currency, amount, printed) => {
    const value = parseMoney(text, currency);
    expect(value).toEqual({ amount, currency });
    expect(format(value)).toBe(printed);
  });

  it.each<[string, string, string, RoundingMode, number]>([
    ["R01 half up", "0.505", "EUR", "halfUp", 51],
    ["R01 half even", "0.505", "EUR", "halfEven", 50],
    ["down", "0.509", "EUR", "down", 50],
    ["yen have none", "12.5", "JPY", "halfEven", 12],
    ["M03 the ledger keeps three decimals", "5.124", "BHD", "halfUp", 5124],
  ])("rounds further decimals by a named mode: %s", (_name, text, currency, mode, amount) => {
    expect(parseMoney(text, currency, mode).amount).toBe(amount);
  });

  it("refuses further decimals where no mode is named", () => {
    expect(() => parseMoney("0.505", "EUR")).toThrow(failsWith("too_many_decimals"));
  });

  it.each(["", " 1", "1,00", "1.", ".5", "1e3", "+1", "0x10", "--1", "NaN", "1".repeat(41)])("refuses %p as a decimal", (text) => {
    expect(() => parseMoney(text, "EUR")).toThrow(failsWith("invalid_amount"));
  });

  it("M05 rejects a sum of two currencies", () => {
    const [dollar, euro] = [money(100, "USD"), money(100, "EUR")];
    expect(() => addMoney(dollar, euro)).toThrow(failsWith("currency_mismatch"));
    expect(() => subtractMoney(dollar, euro)).toThrow(failsWith("currency_mismatch"));
    expect(() => compareMoney(dollar, euro)).toThrow(failsWith("currency_mismatch"));
    expect(() => sumMoney([dollar, euro], "USD")).toThrow(failsWith("currency_mismatch"));
    expect(() => sumMoney([euro], "USD")).toThrow(failsWith("currency_mismatch"));
  });

  it("adds, subtracts, negates, sums and compares within one currency", () => {
    expect(addMoney(money(1099, "USD"), money(1, "USD"))).toEqual(money(1100, "USD"));
    expect(subtractMoney(money(5, "USD"), money(5, "USD"))).toEqual({ amount: 0, currency: "USD" });
    expect(Object.is(negateMoney(money(0, "USD")).amount, 0)).toBe(true);
    expect(sumMoney([], "USD")).toEqual(money(0, "USD"));
    expect(sumMoney([money(1, "USD"), money(2, "USD")], "USD")).toEqual(money(3, "USD"));
    expect(compareMoney(money(1, "USD"), money(2, "USD"))).toBeLessThan(0);
  });

  it.each([1.5, Number.NaN, Number.MAX_SAFE_INTEGER + 1, Number.POSITIVE_INFINITY])("refuses %p minor units", (amount) => {
    expect(() => money(amount, "EUR")).toThrow(failsWith("invalid_amount"));
  });

  it("refuses a sum beyond the safe integers", () => {
    expect(() => addMoney(money(Number.MAX_SAFE_INTEGER, "EUR"), money(1, "EUR"))).toThrow(expect.objectContaining({ code: "amount_out_of_range" }));
  });

  it.each(["eur", "XXX", "", "constructor"])("knows no currency %p", (currency) => {
    expect(isCurrency(currency)).toBe(false);
    expect(() => exponentOf(currency)).toThrow(failsWith("unknown_currency"));
  });

  it("agrees with the runtime's ISO 4217 on every currency, save those whose coins CLDR calls obsolete", () => {
    const shownWithoutCoins = "AFN ALL COP HUF IDR IQD IRR KPW LAK LBP MGA MMK PKR RSD SOS SYP TZS UZS YER".split(" ");
    const digits = (currency: string): number =>
      new Intl.NumberFormat("en", { style: "currency", currency }).resolvedOptions().maximumFractionDigits ?? -1;
    const known = Intl.supportedValuesOf("currency").filter(isCurrency);
    expect(known.length).toBeGreaterThan(150);
    expect(known.filter((currency) => digits(currency) !== exponentOf(currency) && !shownWithoutCoins.includes(currency))).toEqual([]);
    expect(exponentOf("IQD")).toBe(3);
  });

  it("reads back what it printed", () => {
    fc.assert(fc.property(fc.maxSafeInteger(), fc.constantFrom("JPY", "EUR", "BHD", "CLF"), (amount, currency) => {
      expect(parseMoney(toDecimalString({ amount, currency }), currency)).toEqual({ amount, currency });
    }));
  });
});

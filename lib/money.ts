/** Money: integer minor units with their ISO 4217 currency beside them (R1). Floats never carry money. */
import { addSafe, roundRatio, toSafe } from "./rounding.ts";
import type { RoundingMode } from "./rounding.ts";

export interface Money {
  /** minor units, a safe integer: 1999 is 19.99 EUR, 1999 JPY, 1.999 BHD */
  readonly amount: number;
  /** ISO 4217, upper case */
  readonly currency: string;
}

export type MoneyErrorCode = "currency_mismatch" | "unknown_currency" | "invalid_amount" | "too_many_decimals";

/** The `code` is what callers compare; the message is for the log. */
export class MoneyError extends Error {
  readonly code: MoneyErrorCode;
  constructor(code: MoneyErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** ISO 4217 list one, by number of decimals. BGN and ANG left it in 2025/26; old documents still name them. */
const CODES_BY_EXPONENT: Readonly<Record<number, string>> = {
  0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
  2: `AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF
      CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF
      IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN
      MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS
      SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XAD XCD XCG YER ZAR ZMW ZWG`,
  3: "BHD IQD JOD KWD LYD OMR TND",
  4: "CLF UYW",
};

const EXPONENTS: ReadonlyMap<string, number> = new Map(
  Object.entries(CODES_BY_EXPONENT).flatMap(([exponent, codes]) =>
    codes.split(/\s+/).map((code): [string, number] => [code, Number(exponent)]),
  ),
);

/** Decimals of a currency. @throws MoneyError unknown_currency */
export function exponentOf(currency: string): number {
  const exponent = EXPONENTS.get(currency);
  if (exponent === undefined) throw new MoneyError("unknown_currency", `${currency} is no ISO 4217 currency`);
  return exponent;
}

export const isCurrency = (currency: string): boolean => EXPONENTS.has(currency);

/** @throws MoneyError unknown_currency, invalid_amount (not a safe integer) */
export function money(amount: number, currency: string): Money {
  exponentOf(currency);
  if (!Number.isSafeInteger(amount)) throw new MoneyError("invalid_amount", `${amount} is no safe integer of minor units`);
  return { amount: amount === 0 ? 0 : amount, currency };
}

/** @throws MoneyError currency_mismatch; RoundingError when the sum is no safe integer */
export function addMoney(a: Money, b: Money): Money {
  refuseMixedCurrencies(a, b);
  return { amount: addSafe(a.amount, b.amount), currency: a.currency };
}

/** `a - b`. @throws as addMoney */
export const subtractMoney = (a: Money, b: Money): Money => addMoney(a, negateMoney(b));

export const negateMoney = (a: Money): Money => money(-a.amount, a.currency);

/** The sum in `currency`, zero for an empty list. @throws as addMoney */
export const sumMoney = (parts: readonly Money[], currency: string): Money => parts.reduce(addMoney, money(0, currency));

/** Negative, zero or positive, as Array.sort wants it. @throws MoneyError currency_mismatch */
export function compareMoney(a: Money, b: Money): number {
  refuseMixedCurrencies(a, b);
  return a.amount - b.amount;
}

/** Major units, always with the currency's decimals. @example toDecimalString(money(-5, "EUR")) // "-0.05" */
export function toDecimalString({ amount, currency }: Money): string {
  const exponent = exponentOf(currency);
  const digits = String(Math.abs(amount)).padStart(exponent + 1, "0");
  const whole = digits.slice(0, digits.length - exponent);
  return `${amount < 0 ? "-" : ""}${whole}${exponent > 0 ? `.${digits.slice(-exponent)}` : ""}`;
}

/** As receipts print it. @example format(money(1234, "EUR")) // "12.34 EUR" */
export const format = (value: Money): string => `${toDecimalString(value)} ${value.currency}`;

/** Reads major units exactly; the text is plain digits with at most one point (no grouping, no exponent).
 *  @param mode how decimals beyond the currency's are rounded; left out, they are refused
 *  @throws MoneyError invalid_amount, too_many_decimals, unknown_currency; RoundingError when too large
 *  @example parseMoney("1.234", "BHD") // { amount: 1234, currency: "BHD" } */
export function parseMoney(text: string, currency: string, mode?: RoundingMode): Money {
  const { digits, decimals } = parseDecimal(text);
  const exponent = exponentOf(currency);
  if (decimals <= exponent) return money(toSafe(digits * 10n ** BigInt(exponent - decimals)), currency);
  const den = 10n ** BigInt(decimals - exponent);
  if (mode === undefined && digits % den !== 0n) {
    throw new MoneyError("too_many_decimals", `${text} has more decimals than ${currency} (${exponent})`);
  }
  return money(toSafe(roundRatio(digits, den, mode ?? "down")), currency);
}

/** Longest decimal we read: far above any amount, far below what would cost time. */
const DECIMAL_LENGTH_MAX = 40;

/** "12.340" → digits 12340n, decimals 3. @throws MoneyError invalid_amount */
export function parseDecimal(text: string): { digits: bigint; decimals: number } {
  const match = text.length <= DECIMAL_LENGTH_MAX ? /^(-?)(\d+)(?:\.(\d+))?$/.exec(text) : null;
  if (match === null) throw new MoneyError("invalid_amount", "not a decimal number such as 12.34");
  const [, sign = "", whole = "", fraction = ""] = match;
  return { digits: BigInt(`${sign}${whole}${fraction}`), decimals: fraction.length };
}

function refuseMixedCurrencies(a: Money, b: Money): void {
  if (a.currency !== b.currency) throw new MoneyError("currency_mismatch", `${a.currency} and ${b.currency} never meet in one sum`);
}

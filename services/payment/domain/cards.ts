/** Card numbers: looked at, never kept. What may be stored of one is its brand and its last four digits. */

const PAN = /^\d{12,19}$/;

/** The check digit of ISO/IEC 7812-1, annex B (Luhn): every second digit from the right counts twice. */
export function isCardNumber(number: string): boolean {
  if (!PAN.test(number)) return false;
  const sum = [...number].reverse().reduce((total, digit, index) => {
    const value = Number(digit) * (index % 2 === 0 ? 1 : 2);
    return total + (value > 9 ? value - 9 : value);
  }, 0);
  return sum % 10 === 0;
}

const BRANDS: readonly (readonly [RegExp, string])[] = [[/^4/, "visa"], [/^(5[1-5]|2[2-7])/, "mastercard"], [/^3[47]/, "amex"], [/^6(011|5)/, "discover"]];

export function describeCard(number: string): { brand: string; last4: string } {
  return { brand: BRANDS.find(([pattern]) => pattern.test(number))?.[1] ?? "other", last4: number.slice(-4) };
}

export type Behaviour = "approved" | "declined" | "insufficient_funds" | "capture_fails" | "disputed";

const TEST_CARDS: Readonly<Record<string, Behaviour>> = {
  "4242424242424242": "approved",
  "4000000000000002": "declined",
  "4000000000009995": "insufficient_funds",
  "4000000000000341": "capture_fails",
  "4000000000000259": "disputed",
};

/** What the simulated provider does with a card. One that it does not know it declines, so that nobody takes it for a bank. */
export const behaviourOf = (number: string): Behaviour => TEST_CARDS[number] ?? "declined";

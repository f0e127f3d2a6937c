/** GS1 article numbers (GTIN-8, UPC-A, EAN-13, GTIN-14): check digit and the one form that all of them share. */

/** Lengths of the four kinds. A barcode of another length is the shop's own and carries no check digit. */
const GTIN_LENGTHS: ReadonlySet<number> = new Set([8, 12, 13, 14]);
const GTIN14_LENGTH = 14;

/** Is this a number that must have a valid check digit (API, section 4)? */
export function isGtinShaped(barcode: string): boolean {
  return GTIN_LENGTHS.has(barcode.length) && /^\d+$/.test(barcode);
}

/** The digit that completes `body`: weights 3 and 1 from the right, up to the next ten.
 *  @param body the number without its check digit, digits only
 *  @throws RangeError when `body` holds anything but digits
 *  @example expectedCheckDigit("629104150021") // 3
 *  Source: GS1 General Specifications 7.9 (mod 10); B01, B03 */
export function expectedCheckDigit(body: string): number {
  if (!/^\d+$/.test(body)) throw new RangeError("an article number is made of digits");
  let sum = 0;
  for (let index = body.length - 1, weight = 3; index >= 0; index -= 1, weight = 4 - weight) {
    sum += weight * (body.charCodeAt(index) - DIGIT_ZERO);
  }
  return (10 - (sum % 10)) % 10;
}

/** `valid` is true for barcodes that are no GTIN at all: they have no digit to be wrong.
 *  `expectedDigit` is what the last digit should be. Catches every single wrong digit, not a swap of neighbours that
 *  differ by 5 (B05).
 *  @example verifyCheckDigit("4006381333930") // { valid: false, expectedDigit: 1 } */
export function verifyCheckDigit(barcode: string): { valid: true } | { valid: false; expectedDigit: number } {
  if (!isGtinShaped(barcode)) return { valid: true };
  const expectedDigit = expectedCheckDigit(barcode.slice(0, -1));
  return barcode.endsWith(String(expectedDigit)) ? { valid: true } : { valid: false, expectedDigit };
}

/** One key for look-ups: UPC-A, EAN-13 and GTIN-14 of an article differ in leading zeros only, which the check digit
 *  does not see. Other barcodes are their own key.
 *  @example toGtin14("036000241457") === toGtin14("0036000241457") // "00036000241457" */
export function toGtin14(barcode: string): string {
  return isGtinShaped(barcode) ? barcode.padStart(GTIN14_LENGTH, "0") : barcode;
}

const DIGIT_ZERO = 48;

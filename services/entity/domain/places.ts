import { isCurrency } from "../../../lib/money.ts";

const SLUG = /^[a-z0-9]+(-[a-z0-9]+)*$/;
const SLUG_MAX = 63; // one DNS label

export const isSlug = (text: string): boolean => text.length <= SLUG_MAX && SLUG.test(text);
export const isCountry = (code: string): boolean => /^[A-Z]{2}$/.test(code);
export { isCurrency };

/** An IANA name that this machine's time zone data knows; offsets such as +01:00 have no summer time and are none. */
export function isTimezone(name: string): boolean {
  if (!/^[A-Za-z]/.test(name)) return false;
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/** Days and instants of a query, as instants; and the business day of an instant. */

const DAY_MS = 86_400_000;
const isDay = (text: string): boolean => text.length === 10;

/** The first instant of a day in UTC, or the instant itself. */
export const fromOf = (text: string): string => (isDay(text) ? `${text}T00:00:00.000Z` : text);

/** The first instant that is no longer meant: a day is meant whole, an instant to its last millisecond. */
export const untilOf = (text: string): string => new Date(Date.parse(fromOf(text)) + (isDay(text) ? DAY_MS : 1)).toISOString();

/** False for a day that no calendar has: 2026-02-30. */
export const isInCalendar = (text: string): boolean => !Number.isNaN(Date.parse(text)) && (!isDay(text) || new Date(fromOf(text)).toISOString().startsWith(text));

/** @param timezone IANA name  @example businessDayOf("2026-01-31T23:30:00.000Z", "Europe/Berlin") // "2026-02-01" */
export function businessDayOf(instant: string, timezone: string): string {
  return new Intl.DateTimeFormat("sv-SE", { timeZone: timezone, year: "numeric", month: "2-digit", day: "2-digit" }).format(new Date(instant));
}

/** What a report covers when nobody says: the last 30 business days, today included. */
export const DEFAULT_DAYS = 30;
const DAY_MS = 86_400_000;

/** True for a day that the calendar has: 2026-02-30 has the right shape and is none. */
export function isDay(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const time = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(time) && text > "0001" && new Date(time).toISOString().startsWith(text);
}

/** The instant in UTC with milliseconds, or undefined when the text is no RFC 3339 time. */
export function instantOf(text: string): string | undefined {
  if (!/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,6})?(Z|[+-]\d{2}:\d{2})$/.test(text) || !isDay(text.slice(0, 10))) return undefined;
  const time = Date.parse(text);
  return Number.isNaN(time) ? undefined : new Date(time).toISOString();
}

/** Both ends inclusive. An open start lies 29 days before the end; an open end is today, or the start where that lies ahead. */
export function periodOf(asked: { from?: string | undefined; to?: string | undefined }, today: string): { from: string; to: string } {
  const to = asked.to ?? (asked.from && asked.from > today ? asked.from : today);
  return { from: asked.from ?? addDays(to, 1 - DEFAULT_DAYS), to };
}

export const addDays = (day: string, days: number): string => new Date(Date.parse(`${day}T00:00:00Z`) + days * DAY_MS).toISOString().slice(0, 10);

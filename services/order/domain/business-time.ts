/** Business days are the store's own: an instant as the clock on its wall shows it. */
const formats = new Map<string, Intl.DateTimeFormat>();
export interface BusinessTime { readonly businessDay: string; readonly hour: number; readonly clock: string }
/** The last second that was asked for, by time zone: sales of one second share it. */
const lately = new Map<string, { readonly second: number; readonly time: BusinessTime }>();

/** @param at RFC 3339  @param timezone IANA name
 *  @example businessTime("2026-01-31T23:30:00.000Z", "Europe/Berlin") // { businessDay: "2026-02-01", hour: 0, clock: "00:30" } */
export function businessTime(at: string, timezone: string): BusinessTime {
  const second = Math.floor(Date.parse(at) / 1000), known = lately.get(timezone);
  if (known?.second === second) return known.time;
  const parts = Object.fromEntries(formatOf(timezone).formatToParts(new Date(at)).map(({ type, value }) => [type, value]));
  const time = { businessDay: `${parts.year}-${parts.month}-${parts.day}`, hour: Number(parts.hour), clock: `${parts.hour}:${parts.minute}` };
  lately.set(timezone, { second, time });
  return time;
}

/** Making one costs 50 times what using it does. */
function formatOf(timeZone: string): Intl.DateTimeFormat {
  let format = formats.get(timeZone);
  if (!format) {
    format = new Intl.DateTimeFormat("en-CA", { timeZone, year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
    formats.set(timeZone, format);
  }
  return format;
}

import type { DateFormat } from "./mappings.ts";

/** A moment as a clock on the wall of a store shows it, and as the world counts it. */
export interface LocalTime { readonly at: string; readonly businessDay: string; readonly hour: number }

interface Parts { year: number; month: number; day: number; hour: number; minute: number; second: number }

const ISO = /^(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ](\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?)?$/;
const SLASHED = /^(\d{1,2})[/.](\d{1,2})[/.](\d{4})(?: (\d{1,2}):(\d{2})(?::(\d{2}))?)?$/;
const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:\d{2})$/;

/** Reads a time of a file in the store's zone; one that names its own offset is taken at its word.
 *  In the hour that clocks skip, the offset before it holds; in the hour that they repeat, the first one.
 *  @returns undefined when it is no time */
export function readLocalTime(text: string, format: DateFormat, zone: Zone): LocalTime | undefined {
  if (INSTANT.test(text)) return fromInstant(Date.parse(text), zone);
  const parts = partsOf(text, format);
  if (!parts) return undefined;
  const wall = Date.UTC(parts.year, parts.month - 1, parts.day, parts.hour, parts.minute, parts.second);
  const instant = wall - zone.offsetAtWall(wall);
  return { at: new Date(instant).toISOString(), businessDay: new Date(wall).toISOString().slice(0, 10), hour: parts.hour };
}

function fromInstant(instant: number, zone: Zone): LocalTime | undefined {
  if (Number.isNaN(instant)) return undefined;
  const wall = new Date(instant + zone.offsetAt(instant));
  return { at: new Date(instant).toISOString(), businessDay: wall.toISOString().slice(0, 10), hour: wall.getUTCHours() };
}

function partsOf(text: string, format: DateFormat): Parts | undefined {
  const match = (format === "iso" ? ISO : SLASHED).exec(text);
  if (!match) return undefined;
  const [a, b, c, hour = 0, minute = 0, second = 0] = match.slice(1).map((part) => (part === undefined ? undefined : Number(part)));
  const [year, month, day] = format === "iso" ? [a!, b!, c!] : format === "dayFirst" ? [c!, b!, a!] : [c!, a!, b!];
  const date = new Date(Date.UTC(year, month - 1, day));
  const real = year >= 1900 && date.getUTCMonth() === month - 1 && date.getUTCDate() === day && hour < 24 && minute < 60 && second < 60;
  return real ? { year, month, day, hour, minute, second } : undefined;
}

const HOUR_MS = 3_600_000;
const CACHE_MAX = 10_000;

/** Offsets of one IANA zone, remembered by the hour: a file names few hours and many lines. */
export class Zone {
  readonly #format: Intl.DateTimeFormat;
  readonly #offsets = new Map<number, number>();

  constructor(timezone: string) {
    this.#format = new Intl.DateTimeFormat("en-US", { timeZone: timezone, hourCycle: "h23", year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric", second: "numeric" });
  }

  /** Milliseconds east of UTC at an instant. */
  offsetAt(instant: number): number {
    const hour = Math.floor(instant / (HOUR_MS / 4));
    let offset = this.#offsets.get(hour);
    if (offset === undefined) {
      if (this.#offsets.size >= CACHE_MAX) this.#offsets.clear();
      offset = this.#compute(hour * (HOUR_MS / 4));
      this.#offsets.set(hour, offset);
    }
    return offset;
  }

  /** The offset that a reading of the wall clock has. */
  offsetAtWall(wall: number): number {
    const before = this.offsetAt(wall - 24 * HOUR_MS);
    // The offset of the day before leads to an instant; when the clock was changed in between, the new offset must lead to itself.
    const there = this.offsetAt(wall - before);
    return there === before || this.offsetAt(wall - there) !== there ? before : there;
  }

  #compute(instant: number): number {
    const part = Object.fromEntries(this.#format.formatToParts(instant).map(({ type, value }) => [type, Number(value)])) as Record<string, number>;
    return Date.UTC(part.year!, part.month! - 1, part.day!, part.hour!, part.minute!, part.second!) - instant;
  }
}

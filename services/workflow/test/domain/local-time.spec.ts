import { describe, expect, it } from "@jest/globals";
import { readLocalTime, Zone } from "../../domain/local-time.ts";
import type { DateFormat } from "../../domain/mappings.ts";

describe("a time in a file", () => {
  it.each<[string, DateFormat, string, string, string, number]>([
    ["2010-12-01 08:26:00", "iso", "Europe/London", "2010-12-01T08:26:00.000Z", "2010-12-01", 8],
    ["2010-07-01 08:26", "iso", "Europe/London", "2010-07-01T07:26:00.000Z", "2010-07-01", 8],
    ["2010-12-1 8:26", "iso", "Asia/Kathmandu", "2010-12-01T02:41:00.000Z", "2010-12-01", 8],
    ["2010-12-01", "iso", "America/New_York", "2010-12-01T05:00:00.000Z", "2010-12-01", 0],
    ["2010-12-01T23:30:00Z", "iso", "Europe/Berlin", "2010-12-01T23:30:00.000Z", "2010-12-02", 0],
    ["2010-12-01T08:26:00+05:30", "dayFirst", "Europe/London", "2010-12-01T02:56:00.000Z", "2010-12-01", 2],
    ["31/12/2010 23:59:59", "dayFirst", "Europe/London", "2010-12-31T23:59:59.000Z", "2010-12-31", 23],
    ["01.12.2010 08:26", "dayFirst", "Europe/Berlin", "2010-12-01T07:26:00.000Z", "2010-12-01", 8],
    ["12/01/2010 8:26", "monthFirst", "America/New_York", "2010-12-01T13:26:00.000Z", "2010-12-01", 8],
  ])("%s as %s in %s is %s", (text, format, zone, at, businessDay, hour) => {
    expect(readLocalTime(text, format, new Zone(zone))).toEqual({ at, businessDay, hour });
  });

  it("in the hour that clocks skip has the offset before, in the hour that they repeat the first one", () => {
    const london = new Zone("Europe/London");
    expect(readLocalTime("2010-03-28 01:30:00", "iso", london)).toMatchObject({ at: "2010-03-28T01:30:00.000Z" });
    expect(readLocalTime("2010-10-31 01:30:00", "iso", london)).toMatchObject({ at: "2010-10-31T00:30:00.000Z" });
    expect(readLocalTime("2010-03-28 02:00:00", "iso", london)).toMatchObject({ at: "2010-03-28T01:00:00.000Z" });
    expect(readLocalTime("2010-10-31 02:00:00", "iso", london)).toMatchObject({ at: "2010-10-31T02:00:00.000Z" });
  });

  it.each<[string, DateFormat]>([
    ["2010-02-29", "iso"], ["2010-13-01", "iso"], ["2010-12-01 24:00", "iso"], ["2010-12-01 08:60", "iso"], ["1899-12-31", "iso"], ["yesterday", "iso"], ["", "iso"], ["01/12/2010", "iso"], ["2010-12-01", "dayFirst"], ["31/04/2010", "dayFirst"], ["13/13/2010", "monthFirst"], ["2010-13-01T08:26:00Z", "iso"],
  ])("%j is none as %s", (text, format) => {
    expect(readLocalTime(text, format, new Zone("Europe/London"))).toBeUndefined();
  });
});

import { describe, expect, it } from "@jest/globals";
import { businessTime } from "../../domain/business-time.ts";

describe("a business day", () => {
  it("is the store's own: half past eleven at night in Greenwich is the next day in Berlin", () => {
    expect(businessTime("2026-01-31T23:30:00.000Z", "Europe/Berlin")).toEqual({ businessDay: "2026-02-01", hour: 0, clock: "00:30" });
  });

  it("ends with the second in which it ends, and in each time zone at its own", () => {
    const at = (instant: string, timezone: string) => businessTime(instant, timezone).businessDay;
    expect(["2026-01-31T22:59:59.100Z", "2026-01-31T22:59:59.999Z", "2026-01-31T23:00:00.000Z"].map((instant) => at(instant, "Europe/Berlin"))).toEqual(["2026-01-31", "2026-01-31", "2026-02-01"]);
    expect([at("2026-01-31T23:00:00.000Z", "UTC"), at("2026-01-31T23:00:00.000Z", "Asia/Tokyo")]).toEqual(["2026-01-31", "2026-02-01"]);
  });
});

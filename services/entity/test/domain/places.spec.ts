import { describe, expect, it } from "@jest/globals";
import { isCountry, isSlug, isTimezone } from "../../domain/places.ts";

describe("a place", () => {
  it.each([
    ["Europe/Berlin", true], ["UTC", true], ["America/Argentina/Buenos_Aires", true], ["Mars/Olympus", false], ["+01:00", false], ["", false], ["Europe/Berlin\0", false],
  ])("knows that the time zone %j is one: %s", (name, known) => { expect(isTimezone(name)).toBe(known); });

  it.each([
    ["alder", true], ["alder-2", true], ["Alder", false], ["-alder", false], ["al--der", false], ["a".repeat(63), true], ["a".repeat(64), false], ["", false],
  ])("knows that the slug %j is one: %s", (text, valid) => { expect(isSlug(text)).toBe(valid); });

  it("names a country by two capital letters", () => {
    expect(["DE", "de", "DEU"].map(isCountry)).toEqual([true, false, false]);
  });
});

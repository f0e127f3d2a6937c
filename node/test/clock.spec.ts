import { describe, expect, it } from "@jest/globals";
import { clockTrouble } from "../clock.ts";

const ASKED = 1_000_000, ANSWERED = 1_000_040;

describe("a node's clock", () => {
  it("that is half a minute off at the most is right enough", () => {
    for (const database of [ASKED - 30_000, ASKED, ANSWERED, ANSWERED + 30_000]) expect(clockTrouble(database, ASKED, ANSWERED)).toBeUndefined();
  });

  it("is not blamed for a database that answered late", () => {
    expect(clockTrouble(ASKED, ASKED, ASKED + 120_000)).toBeUndefined();
  });

  it("that is further off is named, with the way it is off", () => {
    expect(clockTrouble(ASKED - 3_600_000, ASKED, ANSWERED)).toBe("The clock of this machine is 3600 s ahead of the database's: set it (NTP).");
    expect(clockTrouble(ANSWERED + 600_000, ASKED, ANSWERED)).toBe("The clock of this machine is 600 s behind the database's: set it (NTP).");
  });
});

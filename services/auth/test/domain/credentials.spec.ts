import { describe, expect, it } from "@jest/globals";
import { newId } from "../../../../lib/ids.ts";
import { readSecret, writeSecret } from "../../credentials/bearer-secret.ts";
import { hashPassword, passwordFits } from "../../credentials/passwords.ts";
import { emailKey } from "../../domain/email.ts";
import { FREE_FAILURES, lockSeconds } from "../../domain/lockout.ts";

describe("a bearer secret", () => {
  const at = { tenantId: newId(), id: newId() };

  it("says where it belongs and proves it by its hash", () => {
    const { text, hash } = writeSecret("bk_", at);
    expect(readSecret("bk_", text)).toEqual({ ...at, hash });
  });

  it("is another one each time", () => {
    expect(writeSecret("bk_", at).text).not.toBe(writeSecret("bk_", at).text);
  });

  it.each([["", "bk_"], ["bk_", "bk_"], ["bk_!!!", "bk_"], [`br_${"A".repeat(86)}`, "bk_"], [`bk_${"A".repeat(90)}`, "bk_"]])("%s is none with the prefix %s", (text, prefix) => {
    expect(readSecret(prefix, text)).toBeUndefined();
  });
});

describe("a password", () => {
  it("fits its own hash only, and nobody's never", async () => {
    const kept = await hashPassword("correct horse");
    expect(await passwordFits("correct horse", kept)).toBe(true);
    expect(await passwordFits("Correct horse", kept)).toBe(false);
    expect(await passwordFits("nobody has this password", undefined)).toBe(false);
  });

  it("is the same in composed and decomposed letters", async () => {
    expect(await passwordFits("cafe\u0301 au lait", await hashPassword("caf\u00e9 au lait"))).toBe(true);
  });
});

it.each([["Ada@Alder.Example", "ada@alder.example"], ["ＡDA@alder.example", "ada@alder.example"]])("%s is looked up as %s", (email, key) => {
  expect(emailKey(email)).toBe(key);
});

it.each([[1, 0], [FREE_FAILURES - 1, 0], [FREE_FAILURES, 30], [FREE_FAILURES + 1, 60], [FREE_FAILURES + 3, 240], [FREE_FAILURES + 5, 900], [1_000_000, 900]])("%d failures lock for %d seconds", (failures, seconds) => {
  expect(lockSeconds(failures)).toBe(seconds);
});

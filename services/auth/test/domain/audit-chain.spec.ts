import { createSecretKey } from "node:crypto";
import { describe, expect, it } from "@jest/globals";
import { faultOfEnd, faultsBehind, seal, START, type Link, type SealedEntry } from "../../domain/audit-chain.ts";

const key = createSecretKey(Buffer.alloc(32, 7)), otherKey = createSecretKey(Buffer.alloc(32, 8));
const entry = (n: number) => ({
  id: `0190a6f0-0000-7000-8000-00000000000${n}`, at: `2026-01-31T10:00:0${n}.000Z`, action: "catalog.updateProduct", actorId: "ada", actorKind: "user" as const, resourceId: `p${n}`, fields: ["name"], requestId: "r", address: "10.0.0.1",
});
function chain(length: number, by = key): SealedEntry[] {
  const entries: SealedEntry[] = [];
  let last: Link = START;
  for (let n = 1; n <= length; n++) entries.push((last = seal(by, last, entry(n)) as Link) as SealedEntry);
  return entries;
}
const named = (entries: SealedEntry[]) => faultsBehind(key, START, entries).map(({ seq, fault }) => [seq, fault]);

describe("a chain", () => {
  it("of entries that nobody touched has no fault, whole or page by page", () => {
    const entries = chain(5);
    expect(named(entries)).toEqual([]);
    expect(faultsBehind(key, entries[2]!, entries.slice(3))).toEqual([]);
    expect(faultOfEnd(entries[4]!, entries[4]!)).toEqual([]);
    expect(faultOfEnd(START, START)).toEqual([]);
  });

  it.each<[string, Partial<SealedEntry>]>([
    ["action", { action: "catalog.archiveProduct" }], ["actor", { actorId: "eve" }], ["kind of actor", { actorKind: "apiKey" }], ["resource", { resourceId: null }], ["fields", { fields: [] }],
    ["time", { at: "2026-01-31T10:00:03.001Z" }], ["request", { requestId: null }], ["address", { address: "10.0.0.2" }], ["id", { id: "0190a6f0-0000-7000-8000-000000000009" }],
  ])("names the entry whose %s was changed, and no other", (_what, change) => {
    const entries = chain(5);
    entries[2] = { ...entries[2]!, ...change };
    expect(named(entries)).toEqual([[3, "changed"]]);
  });

  it("names the entry that was sealed again by somebody without the key, and the one behind it", () => {
    const entries = chain(5);
    entries[2] = seal(otherKey, entries[1]!, { ...entry(3), actorId: "eve" });
    expect(named(entries)).toEqual([[3, "changed"], [4, "unlinked"]]);
  });

  it("made anew without the key is wrong from its first entry", () => {
    expect(named(chain(2, otherKey))).toEqual([[1, "changed"], [2, "changed"]]);
  });

  it("names the place where entries are gone: first, between, last", () => {
    const entries = chain(5);
    expect(named(entries.slice(1))).toEqual([[2, "missing"]]);
    expect(named([...entries.slice(0, 1), ...entries.slice(3)])).toEqual([[4, "missing"]]);
    expect(faultOfEnd(entries[4]!, entries[2]!)).toEqual([{ seq: 4, id: null, fault: "missing", detail: "4 to 5 are gone from the end" }]);
    expect(faultOfEnd(entries[4]!, { ...entries[4]!, hash: "00" })).toMatchObject([{ seq: 5, fault: "unlinked" }]);
  });

  it("names both of two that changed places", () => {
    const entries = chain(4);
    const [two, three] = [entries[1]!, entries[2]!];
    entries[1] = { ...three, seq: 2 };
    entries[2] = { ...two, seq: 3 };
    expect(named(entries)).toEqual([[2, "unlinked"], [2, "changed"], [3, "unlinked"], [3, "changed"], [4, "unlinked"]]);
  });
});

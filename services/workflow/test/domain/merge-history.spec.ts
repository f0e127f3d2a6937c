import { describe, expect, it } from "@jest/globals";
import { mergeHistory, type Part } from "../../domain/merge-history.ts";

const part = (service: string, ats: readonly number[], more = false): Part<string> => ({ service, more, events: ats.map((at, seq) => ({ place: { at, seq }, event: `${service}${at}` })) });

describe("the history of several services", () => {
  it("is in the order of publication", () => {
    expect(mergeHistory([part("a", [1, 4]), part("b", [2, 3])], 10, {})).toEqual({ events: ["a1", "b2", "b3", "a4"], places: { a: { at: 4, seq: 1 }, b: { at: 3, seq: 1 } }, more: false });
  });

  it("keeps a service's own order where two were published together", () => {
    expect(mergeHistory([part("b", [1, 1, 1]), part("a", [1])], 10, {}).events).toEqual(["a1", "b1", "b1", "b1"]);
  });

  it("ends a page at its limit, and goes on from there for those that were read", () => {
    expect(mergeHistory([part("a", [1, 4]), part("b", [2])], 2, { c: { at: 9, seq: 9 } })).toEqual({ events: ["a1", "b2"], places: { a: { at: 1, seq: 0 }, b: { at: 2, seq: 0 }, c: { at: 9, seq: 9 } }, more: true });
  });

  it("holds back what was published after the last that a service told, when that has more", () => {
    expect(mergeHistory([part("a", [1, 2], true), part("b", [1, 3])], 10, {})).toEqual({ events: ["a1", "b1", "a2"], places: { a: { at: 2, seq: 1 }, b: { at: 1, seq: 0 } }, more: true });
  });

  it("is nothing when nobody has anything, and stays where it was", () => {
    expect(mergeHistory([part("a", []), part("b", [])], 10, { a: { at: 1, seq: 1 } })).toEqual({ events: [], places: { a: { at: 1, seq: 1 } }, more: false });
  });
});

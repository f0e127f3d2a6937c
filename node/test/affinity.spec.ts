import { describe, expect, it } from "@jest/globals";
import { newId } from "../../lib/ids.ts";
import { StoreAffinity } from "../affinity.ts";

const strategy = new StoreAffinity(undefined as never, undefined as never, {});
const nodes = (...ids: string[]) => ids.map((id) => ({ id })) as never[];
const chosen = (list: never[], params: object, more: object = {}) => (strategy.select(list, { params, ...more } as never) as unknown as { id: string }).id;
const stores = Array.from({ length: 3_000 }, () => newId());

describe("which node is called", () => {
  it("is the same for a store each time, whoever asks and in whatever order it knows the nodes", () => {
    for (const storeId of stores.slice(0, 50)) expect(chosen(nodes("a-1", "b-2", "c-3"), { storeId })).toBe(chosen(nodes("c-3", "a-1", "b-2"), { storeId, lines: [] }));
  });

  it("is each for about as many stores as any other", () => {
    const shares = Map.groupBy(stores, (storeId) => chosen(nodes("order.pod-1", "order.pod-2", "order.pod-3"), { storeId }));
    for (const node of ["order.pod-1", "order.pod-2", "order.pod-3"]) expect(Math.abs(shares.get(node)!.length - 1_000)).toBeLessThan(120);
  });

  it("changes for the stores of a node that is gone, and for no other", () => {
    for (const storeId of stores.slice(0, 500)) {
      const before = chosen(nodes("a-1", "b-2", "c-3"), { storeId }), after = chosen(nodes("a-1", "c-3"), { storeId });
      if (before !== "b-2") expect(after).toBe(before);
    }
  });

  it("is each in turn for what is about no store, and for a second try: the store's own may be the one that does not answer", () => {
    const list = nodes("a-1", "b-2");
    for (const [params, more] of [[{}, {}], [{ storeId: 7 }, {}], [{ storeId: stores[0] }, { _retryAttempts: 1 }]]) expect(new Set([1, 2].map(() => chosen(list, params!, more)))).toEqual(new Set(["a-1", "b-2"]));
    expect((strategy.select(list) as unknown as { id: string }).id).toMatch(/a-1|b-2/);
  });
});

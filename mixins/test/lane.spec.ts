import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { newId } from "../../lib/ids.ts";
import { startTestPlatform, type TestPlatform } from "../../test/support/platform.ts";
import { sql, type Database, type Tx } from "../database.ts";

const alder = newId(), birch = newId();
const WRITE = sql("test.lane-write", "INSERT INTO idempotency_key (key, request_hash) VALUES ($1, 'x')");
const READ = sql("test.lane-read", "SELECT key FROM idempotency_key WHERE key = ANY ($1::text[])");

describe("transactions that requests share", () => {
  let platform: TestPlatform, database: Database;
  beforeAll(async () => {
    platform = await startTestPlatform({ services: ["purchasing"] });
    database = platform.platform.database("purchasing");
  });
  afterAll(() => platform.stop());

  const write = (key: string) => (tx: Tx) => tx.change(WRITE, [key]).then(() => tx.emit({ type: "test.written", subject: alder, data: { key } }));
  const kept = async (prefix: string, tenant = alder) => (await platform.sql<{ key: string }>("SELECT key FROM purchasing.idempotency_key WHERE tenant_id = $1 AND key LIKE $2 ORDER BY key", [tenant, `${prefix}%`])).map((row) => row.key);

  it("commit what came at once in far fewer transactions, with every event", async () => {
    const before = database.stats.transactions;
    await Promise.all(Array.from({ length: 30 }, (_, n) => database.shared(alder, "test", write(`many-${n}`))));
    expect(database.stats.transactions - before).toBeLessThanOrEqual(2);
    expect(await kept("many-")).toHaveLength(30);
    expect(await platform.sql("SELECT count(*)::int AS n FROM purchasing.outbox WHERE tenant_id = $1 AND data->>'key' LIKE 'many-%'", [alder])).toEqual([{ n: 30 }]);
  });

  it("tell in their order what one work tells, each event its own, whatever is in it", async () => {
    const said = ["first", "a \u001e b", "\"quoted\" \\ and, [listed]", "last"];
    await database.inTenant(alder, async (tx) => { for (const what of said) tx.emit({ type: "test.said", subject: alder, data: { what } }); });
    expect(await platform.sql("SELECT data->>'what' AS what FROM purchasing.outbox WHERE type = 'test.said' ORDER BY seq")).toEqual(said.map((what) => ({ what })));
  });

  it("wake the relay when there is something to send, also where a statement of the work appends it itself", async () => {
    const wake = database.onEvents, event = { type: "test.said", subject: alder, data: {} };
    const wakes = async (work: (tx: Tx) => void) => {
      let times = 0;
      database.onEvents = () => { times++; };
      await database.inTenant(alder, async (tx) => work(tx));
      return times;
    };
    try {
      expect([await wakes(() => undefined), await wakes((tx) => tx.emit(event)), await wakes((tx) => void tx.toAppend([event])), await wakes((tx) => void tx.tells())]).toEqual([0, 1, 1, 1]);
    } finally {
      database.onEvents = wake;
    }
  });

  it("let a failure be its own: the others are committed, and it leaves nothing, not even its event", async () => {
    const outcomes = await Promise.allSettled(["a", "b", "b", "c"].map((key) => database.shared(alder, "test", write(`fail-${key}`))));
    expect(outcomes.map(({ status }) => status).filter((status) => status === "rejected")).toHaveLength(1);
    expect(await kept("fail-")).toEqual(["fail-a", "fail-b", "fail-c"]);
    expect(await platform.sql("SELECT count(*)::int AS n FROM purchasing.outbox WHERE data->>'key' LIKE 'fail-%'")).toEqual([{ n: 3 }]);
  });

  it("are never shared by two tenants", async () => {
    await Promise.all([database.shared(alder, "test", write("mine")), database.shared(birch, "test", write("mine"))]);
    expect(await kept("mine", alder)).toEqual(["mine"]);
    expect(await kept("mine", birch)).toEqual(["mine"]);
  });

  it("accept no statement after their end", async () => {
    let late: Tx | undefined;
    await database.shared(alder, "test", async (tx) => { late = tx; });
    await expect(late!.query(WRITE, ["late"])).rejects.toThrow(/after the end/);
    expect(await kept("late")).toEqual([]);
  });

  it("commit with the last that all have asked, and keep nothing of a batch in which that failed", async () => {
    const last = (key: string) => (tx: Tx) => tx.done(tx.change(WRITE, [key]));
    await Promise.all(["a", "b", "c"].map((key) => database.shared(alder, "test", last(`done-${key}`))));
    const outcomes = await Promise.allSettled(["d", "a", "e"].map((key) => database.shared(alder, "test", last(`done-${key}`))));
    expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
    expect(await kept("done-")).toEqual(["done-a", "done-b", "done-c", "done-d", "done-e"]);
  });

  it("wait with the commit for one of them that has not said that it is done", async () => {
    const done = (tx: Tx) => tx.done(tx.change(WRITE, ["wait-done"]));
    const goesOn = async (tx: Tx) => { await tx.change(WRITE, ["wait-first"]); await tx.change(WRITE, ["wait-second"]); };
    await Promise.all([database.shared(alder, "test", done), database.shared(alder, "test", goesOn)]);
    expect(await kept("wait-")).toEqual(["wait-done", "wait-first", "wait-second"]);
  });

  it("commit nothing of one that says it is done and has failed half-way", async () => {
    const asks = (key: string) => (tx: Tx) => tx.done(tx.change(WRITE, [key]));
    const fails = (tx: Tx) => tx.done((async () => { void tx.change(WRITE, ["bug-half"]); throw new Error("a bug"); })());
    const outcomes = await Promise.allSettled([database.shared(alder, "test", asks("bug-a")), database.shared(alder, "test", fails), database.shared(alder, "test", asks("bug-b"))]);
    expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
    expect(await kept("bug-")).toEqual(["bug-a", "bug-b"]);
  });

  it("do nothing again that was committed, whatever one of them makes of its answer", async () => {
    let runs = 0;
    const refuses = async (tx: Tx) => { runs++; await tx.done(tx.change(WRITE, ["twice-refused"])); throw new Error("refused"); };
    const keeps = async (tx: Tx) => { runs++; return tx.done(tx.change(WRITE, ["twice-kept"])); };
    const outcomes = await Promise.allSettled([database.shared(alder, "twice", refuses), database.shared(alder, "twice", keeps)]);
    expect(outcomes.map(({ status }) => status)).toEqual(["rejected", "fulfilled"]);
    expect([runs, await kept("twice-")]).toEqual([2, ["twice-kept", "twice-refused"]]);
  });

  it("take no event behind the last", async () => {
    const late = database.shared(alder, "test", async (tx) => {
      await tx.done(tx.query(READ, [[]]));
      tx.emit({ type: "test.written", subject: alder, data: { key: "behind" } });
    });
    await expect(late).rejects.toThrow(/after the end/);
    expect(await platform.sql("SELECT count(*)::int AS n FROM purchasing.outbox WHERE data->>'key' = 'behind'")).toEqual([{ n: 0 }]);
  });

  it("ask at once for the keys that each wants to read, and each finds its own among the rows", async () => {
    await Promise.all(["a", "b"].map((key) => database.shared(alder, "test", write(`read-${key}`))));
    const before = database.stats.statements;
    const rows = await Promise.all(["read-a", "read-b", "read-a", "read-c"].map((key) => database.shared(alder, "reads", async (tx) => (await tx.gathered<{ key: string }>(READ, [key])).filter((row) => row.key === key))));
    expect(rows).toEqual([[{ key: "read-a" }], [{ key: "read-b" }], [{ key: "read-a" }], []]);
    expect(database.stats.statements - before).toBeLessThanOrEqual(2 * 4); // BEGIN, tenant, read, COMMIT, twice at most
  });
});

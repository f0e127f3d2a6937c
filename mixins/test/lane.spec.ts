import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { newId } from "../../lib/ids.ts";
import { startTestPlatform, type TestPlatform } from "../../test/support/platform.ts";
import { sql, type Database, type Tx } from "../database.ts";

const alder = newId(), birch = newId();
const WRITE = sql("test.lane-write", "INSERT INTO idempotency_key (key, request_hash) VALUES ($1, 'x')");

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
});

import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { newId } from "../../lib/ids.ts";
import { startTestPlatform, type TestPlatform } from "../../test/support/platform.ts";
import { sql, type Database, type Statement, type Tx } from "../database.ts";

const alder = newId(), birch = newId();
const WRITE = sql("test.wire-write", "INSERT INTO idempotency_key (key, request_hash) VALUES ($1, 'x') RETURNING key");
const READ = sql("test.wire-read", "SELECT key FROM idempotency_key WHERE key LIKE $1 ORDER BY key");
const DIVIDE = sql("test.wire-divide", "SELECT 1 / $1::int AS n");
const PID = sql("test.wire-pid", "SELECT pg_backend_pid() AS pid, current_setting('app.tenant_id', true) AS tenant");
const DIE = sql("test.wire-die", "SELECT pg_terminate_backend(pg_backend_pid()) FROM generate_series(1, $1::int)");
const BEYOND = sql("test.wire-beyond", "SELECT $1::bigint AS n");
const AT_COMMIT = sql("test.wire-at-commit", "INSERT INTO wire_late VALUES ($1::int)");

describe("a transaction of which all is known before it is sent", () => {
  let platform: TestPlatform, database: Database;
  beforeAll(async () => {
    platform = await startTestPlatform({ services: ["purchasing"] });
    database = platform.platform.database("purchasing");
    await platform.sql("CREATE TABLE purchasing.wire_late (n int UNIQUE DEFERRABLE INITIALLY DEFERRED); GRANT INSERT, SELECT ON purchasing.wire_late TO beaver_purchasing");
    // One connection, on which each statement has been prepared: only then it goes at once.
    const warm: [Statement, unknown[]][] = [[WRITE, ["warm"]], [READ, ["warm"]], [DIVIDE, [1]], [PID, []], [DIE, [0]], [BEYOND, ["1"]], [AT_COMMIT, [0]]];
    for (const [statement, values] of warm) await database.inTenant(alder, (tx) => tx.query(statement, values));
  });
  afterAll(() => platform.stop());

  const atOnce = (...asked: [Statement, unknown[]][]) => database.inTenant(alder, (tx) => tx.done(Promise.all(asked.map(([statement, values]) => tx.query(statement, values)))));
  const kept = async (like: string) => (await atOnce([READ, [like]]))[0]!.map((row) => row.key);
  const backend = async () => (await atOnce([PID, []]))[0]![0]!.pid;

  it("goes without BEGIN and COMMIT: the tenant and what was asked, no more", async () => {
    const before = { ...database.stats };
    const [written, read] = await atOnce([WRITE, ["once-a"]], [READ, ["once-%"]]);
    expect([written, read]).toEqual([[{ key: "once-a" }], [{ key: "once-a" }]]);
    expect([database.stats.statements - before.statements, database.stats.transactions - before.transactions]).toEqual([3, 1]);
  });

  it("is kept whole or not at all, and says which statement failed", async () => {
    const pid = await backend();
    const outcomes = await Promise.allSettled([atOnce([WRITE, ["half-a"]], [DIVIDE, [0]], [WRITE, ["half-b"]])]);
    expect(outcomes[0]).toMatchObject({ status: "rejected", reason: { message: expect.stringMatching(/division by zero/) } });
    expect(await kept("half-%")).toEqual([]);
    expect(await backend()).toBe(pid); // and the connection goes on
  });

  it("fails with what the commit fails with", async () => {
    await atOnce([AT_COMMIT, [7]]);
    await expect(atOnce([WRITE, ["late-a"]], [AT_COMMIT, [7]])).rejects.toMatchObject({ type: "already_exists" });
    expect(await kept("late-%")).toEqual([]);
  });

  it("sends nothing of itself when one of its values cannot be sent", async () => {
    const circle: Record<string, unknown> = {};
    circle.self = circle;
    await expect(atOnce([WRITE, ["circle-a"]], [WRITE, [circle]])).rejects.toThrow(/circular/);
    expect(await kept("circle-%")).toEqual([]);
  });

  it("is committed although an answer cannot be read, which is what its work is told", async () => {
    await expect(atOnce([WRITE, ["read-a"]], [BEYOND, ["9007199254740993"]])).rejects.toThrow(/2\^53/);
    expect(await kept("read-%")).toEqual(["read-a"]);
  });

  it("is unavailable when its connection dies of it, and the next has another", async () => {
    const pid = await backend();
    await expect(atOnce([WRITE, ["die-a"]], [DIE, [1]])).rejects.toMatchObject({ type: "unavailable" });
    expect(await backend()).not.toBe(pid);
    expect(await kept("die-%")).toEqual([]);
  });

  it("leaves no tenant on its connection", async () => {
    expect((await atOnce([PID, []]))[0]![0]!.tenant).toBe(alder);
    const [rows] = await database.sequelize.query("SELECT current_setting('app.tenant_id', true) AS tenant");
    expect((rows as { tenant: string | null }[])[0]!.tenant || null).toBeNull();
    expect(await database.inTenant(birch, (tx) => tx.done(tx.query(READ, ["once-%"])))).toEqual([]);
  });

  it("begins as others do when a model asks first, or what it asked is not all", async () => {
    const models = (tx: Tx) => database.sequelize.query("SELECT current_setting('app.tenant_id') AS tenant", { transaction: tx.sequelize });
    const [[first]] = (await database.inTenant(alder, (tx) => tx.done(models(tx)))) as [{ tenant: string }[], unknown];
    expect(first).toEqual({ tenant: alder });
    const both = await database.inTenant(alder, async (tx) => {
      const asked = tx.query(WRITE, ["model-a"]);
      const [[row]] = (await models(tx)) as [{ tenant: string }[], unknown];
      return [await asked, row, await tx.query(READ, ["model-%"])];
    });
    expect(both).toEqual([[{ key: "model-a" }], { tenant: alder }, [{ key: "model-a" }]]);
  });

  it("is not sent when its work asked nothing", async () => {
    const before = database.stats.statements;
    await database.inTenant(alder, async () => undefined);
    await expect(database.inTenant(alder, () => Promise.reject(new Error("a bug")))).rejects.toThrow("a bug");
    expect(database.stats.statements).toBe(before);
  });

  it("is undone when its work fails before it is sent, and whoever asked is answered", async () => {
    let asked: Promise<unknown> | undefined;
    await expect(database.inTenant(alder, async (tx) => { asked = tx.query(WRITE, ["undone-a"]); throw new Error("a bug"); })).rejects.toThrow("a bug");
    expect(await asked).toEqual([{ key: "undone-a" }]);
    expect(await kept("undone-%")).toEqual([]);
  });
});

import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import { newId } from "../../lib/ids.ts";
import { startNode } from "../../node/broker.ts";
import { readEnvironment } from "../../node/environment.ts";
import { loadSecrets } from "../../node/secrets.ts";
import { startTestPlatform, type TestPlatform } from "../../test/support/platform.ts";
import { until } from "../../test/support/until.ts";
import { wake } from "../poller.ts";
import { pruningOf } from "../pruning.ts";

const alder = newId(), birch = newId();
let platform: TestPlatform;
beforeAll(async () => { platform = await startTestPlatform({ services: ["purchasing"] }); });
afterAll(async () => { await platform.stop(); });
beforeEach(async () => { for (const table of ["idempotency_key", "outbox", "inbox", "saga"]) await platform.sql(`DELETE FROM purchasing.${table}`); });

const HOUR = 1, DAY = 24 * HOUR;
const ago = (hours: number) => `now() - interval '${hours} hours'`;
const keep = {
  idempotency_key: (name: string, createdAt: number, { tenant = alder, status = "200", answeredAt }: { tenant?: string; status?: string; answeredAt?: number } = {}) => platform.sql(
    `INSERT INTO purchasing.idempotency_key (tenant_id, key, request_hash, status, response, created_at, answered_at) VALUES ($1, $2, 'h', ${status}, 'null', ${ago(createdAt)}, ${answeredAt === undefined ? "NULL" : ago(answeredAt)})`, [tenant, name]),
  outbox: (name: string, publishedAt: number | null, tenant = alder) => platform.sql(
    `INSERT INTO purchasing.outbox (tenant_id, id, type, subject, time, data, published_at) VALUES ($1, $2, 'test.happened', $3, ${ago(90 * DAY)}, '{}', ${publishedAt === null ? "NULL" : ago(publishedAt)})`, [tenant, newId(), name]),
  inbox: (eventId: string, appliedAt: number, tenant = alder) => platform.sql(`INSERT INTO purchasing.inbox (tenant_id, event_id, applied_at) VALUES ($1, $2, ${ago(appliedAt)})`, [tenant, eventId]),
  // Its lease ends in the future, so that no sweeper takes it.
  saga: (name: string, status: string, updatedAt: number, tenant = alder) => platform.sql(
    `INSERT INTO purchasing.saga (tenant_id, id, kind, status, input, lease_until, updated_at) VALUES ($1, $2, $3, $4, '{}', now() + interval '1 day', ${ago(updatedAt)})`, [tenant, newId(), name, status]),
};
const left = async (table: string, column: string) => (await platform.sql<{ name: string }>(`SELECT ${column} AS name FROM purchasing.${table} ORDER BY 1`)).map(({ name }) => name);
/** The job that the service runs every hour, at once. The oldest row of all is the sign that it has been here. */
async function prune(): Promise<void> {
  const sign = newId();
  await keep.inbox(sign, 900 * DAY, birch);
  wake(platform.broker, pruningOf("purchasing"));
  await until(async () => !(await left("inbox", "event_id")).includes(sign));
}

describe("pruning", () => {
  it("takes idempotency keys 48 hours after their answer, and none without an answer", async () => {
    await keep.idempotency_key("old", 49 * HOUR);
    await keep.idempotency_key("old of birch", 49 * HOUR, { tenant: birch });
    await keep.idempotency_key("young", 47 * HOUR);
    await keep.idempotency_key("still running", 90 * DAY, { status: "NULL" });
    await keep.idempotency_key("answered late", 90 * DAY, { answeredAt: 47 * HOUR });
    await keep.idempotency_key("answered late and long ago", 90 * DAY, { answeredAt: 49 * HOUR });
    await prune();
    expect(await left("idempotency_key", "key")).toEqual(["answered late", "still running", "young"]);
  });

  it("takes events 7 days after their publication, and none that is not published", async () => {
    await keep.outbox("old", 8 * DAY);
    await keep.outbox("young", 6 * DAY);
    // The relay would publish it at once: it is kept from it while the job looks.
    await platform.sql("SELECT pg_advisory_lock(hashtext('outbox purchasing'))");
    await keep.outbox("waiting", null);
    await prune();
    expect(await left("outbox", "subject")).toEqual(["waiting", "young"]);
    await platform.sql("SELECT pg_advisory_unlock(hashtext('outbox purchasing'))");
  });

  it("does not begin when a node starts: what a long halt left unpublished is relayed first, and the inbox must still know it", async () => {
    const old = newId();
    await keep.inbox(old, 15 * DAY);
    const environment = readEnvironment({ DATA_DIR: process.env.TEST_DATA_DIR!, LOG_LEVEL: "fatal", LOG_FORMAT: "json", PORT: "0", DATABASE_URL: platform.databaseUrl, JWT_PRIVATE_KEY_FILE: join(process.env.TEST_DATA_DIR!, "secrets", "jwt-private-key.pem"), DATA_ENCRYPTION_KEY_FILE: join(process.env.TEST_DATA_DIR!, "secrets", "data-encryption-key") });
    const another = await startNode({ environment, secrets: loadSecrets(environment), databaseUrl: platform.databaseUrl, services: ["purchasing"] });
    await new Promise((wait) => setTimeout(wait, 1_000));
    const kept = await left("inbox", "event_id");
    await another.stop();
    expect(kept).toEqual([old]);
    await prune();
    expect(await left("inbox", "event_id")).toEqual([]);
  });

  it("takes what was received 14 days ago", async () => {
    const [old, young] = [newId(), newId()];
    await keep.inbox(old, 15 * DAY);
    await keep.inbox(young, 13 * DAY);
    await prune();
    expect(await left("inbox", "event_id")).toEqual([young]);
  });

  it("takes sagas 30 days after their end, and none that has not ended", async () => {
    for (const status of ["completed", "compensated", "running", "compensating", "stuck"]) {
      await keep.saga(`${status} long ago`, status, 31 * DAY);
      await keep.saga(`${status} of late`, status, 29 * DAY);
    }
    await prune();
    expect(await left("saga", "kind")).toEqual(["compensated of late", "compensating long ago", "compensating of late", "completed of late", "running long ago", "running of late", "stuck long ago", "stuck of late"]);
  });

  it("works a backlog off in batches", async () => {
    await platform.sql(`INSERT INTO purchasing.inbox (tenant_id, event_id, applied_at) SELECT $1, gen_random_uuid(), ${ago(15 * DAY)} FROM generate_series(1, 3500)`, [alder]);
    await prune();
    await until(async () => (await left("inbox", "event_id")).length === 0);
  });

  it("is done by one node: while another has the lock, nothing is taken", async () => {
    await platform.sql("SELECT pg_advisory_lock(hashtext('pruning purchasing'))");
    await keep.outbox("old", 8 * DAY);
    wake(platform.broker, pruningOf("purchasing"));
    await new Promise((wait) => setTimeout(wait, 500));
    expect(await left("outbox", "subject")).toEqual(["old"]);
    await platform.sql("SELECT pg_advisory_unlock(hashtext('pruning purchasing'))");
    await prune();
    expect(await left("outbox", "subject")).toEqual([]);
  });
});

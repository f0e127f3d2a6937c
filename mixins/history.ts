import type { ParamsOf, ResultOf } from "../lib/contract.ts";
import type { historyActions } from "../lib/history-contract.ts";
import { sql } from "./database.ts";
import { inTenant, type Handler } from "./handlers.ts";

type ReadHistory = (typeof historyActions)["readHistory"];
type Historic = ResultOf<ReadHistory>["events"][number]["event"];
interface Row extends Omit<Historic, "specversion" | "source" | "tenantid"> { readonly at: number; readonly seq: number; readonly size: number; readonly n: number }

/** Of all the events in one answer: NATS carries a megabyte at most. One event is smaller than that, or it could not have been published. */
const BYTES_MAX = 300_000;

// By the time of publication and never by `seq` alone: transactions commit in another order than they were numbered, and what was read as the last would not have been.
// Who did what from where is the audit log's own, and nobody else's.
const READ = sql("history.read", `SELECT seq, id, type, subject, time, data, (extract(epoch FROM published_at) * 1000000)::bigint AS at,
  sum(octet_length(data::text)) OVER (ORDER BY published_at, seq)::bigint AS size, row_number() OVER (ORDER BY published_at, seq)::int AS n
  FROM outbox WHERE published_at IS NOT NULL AND tenant_id = $4 AND type NOT LIKE '%.audited'
  AND (published_at, seq) > ('epoch'::timestamptz + $1::bigint * interval '1 microsecond', $2::bigint) ORDER BY published_at, seq LIMIT $3`);

/** Permission: internal. What it answers is settled: nothing is published before it later on. */
export const readHistory: Handler = async (ctx) => {
  const { after, limit } = ctx.params as ParamsOf<ReadHistory>;
  const service = ctx.service!.name;
  return inTenant(ctx, async (tx): Promise<ResultOf<ReadHistory>> => {
    const rows = await tx.query<Row>(READ, [after?.at ?? 0, after?.seq ?? 0, limit + 1, tx.tenantId]);
    const fitting = rows.filter(({ n, size }) => n === 1 || (n <= limit && size <= BYTES_MAX));
    const events = fitting.map(({ at, seq, id, type, subject, time, data }) => ({
      place: { at, seq }, event: { specversion: "1.0" as const, id, source: `/beaveros/${service}`, type, subject, time, tenantid: tx.tenantId, data },
    }));
    return { events, more: fitting.length < rows.length };
  });
};

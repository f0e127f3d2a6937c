import { refuse } from "../lib/errors.ts";
import type { ResultOf } from "../lib/contract.ts";
import type { OperatorActions } from "../lib/operator-contract.ts";
import { platformOf } from "../node/platform.ts";
import { sql } from "./database.ts";
import type { Place } from "./dead-letters.ts";

type Unfinished = ResultOf<OperatorActions["listUnfinishedSagas"]>["data"][number];
type Row = Omit<Unfinished, "step" | "error"> & { readonly reason: string | null };
interface Found { readonly tenant: string; readonly kind: string; readonly status: string }

const SHOWN = `id AS "sagaId", tenant_id AS "tenantId", kind, status, reason, attempts, created_at AS "startedAt", extract(epoch FROM now() - created_at)::int AS "ageSeconds"`;
// Two halves, each on an index of its own: together they would read every saga that ever was.
const LIST = sql("saga.unfinished", `SELECT * FROM (SELECT ${SHOWN} FROM saga WHERE status = 'stuck'
  UNION ALL SELECT ${SHOWN} FROM saga WHERE status IN ('running', 'compensating') AND created_at < now() - interval '30 seconds') s ORDER BY "startedAt", "sagaId" LIMIT 200`);
const FIND = sql("saga.find", "SELECT tenant_id AS tenant, kind, status FROM saga WHERE id = $1");
// A new fence: whoever ran it before and was only asleep is refused. The sweeper of whichever node looks first takes it from here.
const RESUME = sql("saga.resume", `UPDATE saga SET status = CASE WHEN refusal IS NULL THEN 'running' ELSE 'compensating' END, reason = NULL, attempts = 0, fence = fence + 1, lease_until = now(), updated_at = now()
  WHERE id = $1 AND status = 'stuck'`);

export async function unfinishedSagas({ broker, service }: Place): Promise<Unfinished[]> {
  const rows = await platformOf(broker).worker(service).asWorker((tx) => tx.query<Row>(LIST));
  return rows.map(({ reason, ...row }) => {
    const [, step = null, error = null] = /^(.+?): (.*)$/s.exec(reason ?? "") ?? [];
    return { ...row, step, error: error ?? reason };
  });
}

/** It goes on where it stopped, within a second or two, on any node: forward, or backward when it was being undone.
 *  @throws not_found; conflict when it is not stuck */
export async function resume({ broker, service }: Place, sagaId: string): Promise<{ tenantId: string; kind: string }> {
  const platform = platformOf(broker);
  const [found] = await platform.worker(service).asWorker((tx) => tx.query<Found>(FIND, [sagaId]));
  if (!found) throw refuse.not_found("There is no such saga");
  const resumed = await platform.database(service).inTenant(found.tenant, (tx) => tx.change(RESUME, [sagaId]));
  if (resumed === 0) throw refuse.conflict(`The saga is ${found.status} and not stuck`);
  broker.getLogger("operator").info({ service, saga: sagaId, kind: found.kind }, "a stuck saga was resumed");
  return { tenantId: found.tenant, kind: found.kind };
}

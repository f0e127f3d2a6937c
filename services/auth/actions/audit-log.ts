import { refuse } from "../../../lib/errors.ts";
import { LIMIT_DEFAULT, page, readCursor } from "../../../mixins/cursor.ts";
import { query } from "../../../mixins/handlers.ts";
import { platformOf } from "../../../node/platform.ts";
import type { authContract } from "../contract.ts";
import { faultOfEnd, faultsBehind, START, type Fault, type Link } from "../domain/audit-chain.ts";
import { entriesBehind, pageOfEntries, readHead, type AuditRow } from "../models/audit-log.model.ts";

type Contract = typeof authContract;
/** Rows that are in memory at once. */
const PAGE = 2_000;
/** Enough to see what happened to the log; the count of what was compared says how far the look went. */
const DIFFERENCES_MAX = 100;

/** Who did what, when, from where. Permission: auth.auditLog.read. Sort: createdAt. @throws invalid_cursor */
export const listAuditLog = query<Contract, "listAuditLog">(async (tx, { limit = LIMIT_DEFAULT, cursor, sort = "-createdAt", ...filter }, ctx) => {
  if (sort !== "-createdAt" && sort !== "createdAt") throw refuse.invalid_request("sort: createdAt or -createdAt", { pointer: "/sort" });
  const name = `auth.audit-log ${sort}`;
  const after = (readCursor(ctx, name, cursor)?.[0] ?? null) as number | null;
  const rows = await pageOfEntries(tx, filter, { after, newestFirst: sort === "-createdAt", limit: limit + 1 });
  return page(ctx, name, { rows, limit, key: (row) => [row.seq], map: asEntry });
});

/** Walks the chain from its first entry. Internal. */
export const verify = query<Contract, "verify">(async (tx, _params, ctx) => {
  const key = platformOf(ctx.broker).secrets.secretKey("audit-log");
  const head = await readHead(tx), differences: Fault[] = [];
  let last: Link = START, compared = 0;
  for (;;) {
    const entries = await entriesBehind(tx, last.seq, head.seq, PAGE);
    compared += entries.length;
    differences.push(...faultsBehind(key, last, entries));
    last = entries.at(-1) ?? last;
    if (entries.length < PAGE) break;
  }
  differences.push(...faultOfEnd(head, last));
  return { checks: [{ name: "audit log", compared, differences: differences.slice(0, DIFFERENCES_MAX) }] };
});

function asEntry({ actorId, actorKind, actorName, previous, hash, ...row }: AuditRow) {
  return { ...row, actor: { kind: actorKind, id: actorId, name: actorName }, previousHash: previous, hash };
}

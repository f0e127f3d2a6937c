import type pg from "pg";
import { ProblemError } from "../../scripts/client.ts";
import type { Shop } from "../support/shop.ts";
import type { Entry } from "./load.ts";

/** What must be true when all has come to rest. Each row that a query finds is a broken promise. Numbers as in the reliability design. */
const QUERIES: Readonly<Record<string, string>> = {
  "I1 each ledger transaction sums to zero": `SELECT tenant_id, transaction_id, currency, sum(amount_minor) FROM payment.ledger_entry GROUP BY 1, 2, 3 HAVING sum(amount_minor) <> 0`,
  "I3 stock on hand is the sum of its movements": `SELECT l.tenant_id, l.variant_id, l.on_hand, m.moved FROM catalog.stock_level l
    LEFT JOIN (SELECT tenant_id, store_id, variant_id, sum(quantity) AS moved FROM catalog.stock_movement GROUP BY 1, 2, 3) m USING (tenant_id, store_id, variant_id)
    WHERE l.on_hand <> coalesce(m.moved, 0) OR l.on_hand < 0 OR l.reserved <> 0`,
  "I4 an order has captured payments of exactly its total": `SELECT o.tenant_id, o.id, o.total_minor FROM "order".orders o
    LEFT JOIN (SELECT tenant_id, order_id, currency, sum(amount_minor) AS captured FROM payment.payment WHERE status IN ('captured', 'partiallyRefunded', 'refunded') GROUP BY 1, 2, 3) p
      ON p.tenant_id = o.tenant_id AND p.order_id = o.id AND p.currency = o.currency
    WHERE NOT o.imported AND coalesce(p.captured, 0) <> o.total_minor`,
  "I5 no payment is captured without its order": `SELECT p.tenant_id, p.id FROM payment.payment p LEFT JOIN "order".orders o ON o.tenant_id = p.tenant_id AND o.id = p.order_id
    WHERE o.id IS NULL AND p.status IN ('captured', 'partiallyRefunded', 'refunded', 'authorized', 'pending')`,
  "I6 what was given back was captured, and the order knows it": `SELECT o.tenant_id, o.id, o.refunded_minor, p.refunded FROM "order".orders o
    JOIN (SELECT tenant_id, order_id, sum(refunded_minor) AS refunded, sum(amount_minor) AS amount FROM payment.payment GROUP BY 1, 2) p ON p.tenant_id = o.tenant_id AND p.order_id = o.id
    WHERE p.refunded > p.amount OR o.refunded_minor <> p.refunded`,
  "I7 the provider holds what our books say": `SELECT coalesce(c.payment_id, p.id), c.captured_minor, p.amount_minor FROM payment.provider_charge c
    FULL JOIN (SELECT * FROM payment.payment WHERE method = 'card') p ON p.tenant_id = c.tenant_id AND p.id = c.payment_id
    WHERE coalesce(c.captured_minor, 0) - coalesce(c.refunded_minor, 0) <> CASE WHEN p.status IN ('captured', 'partiallyRefunded', 'refunded') THEN p.amount_minor - p.refunded_minor ELSE 0 END OR c.status = 'authorized'`,
  "I8 each event was applied by the report once": `SELECT o.id FROM "order".outbox o LEFT JOIN report.inbox i ON i.tenant_id = o.tenant_id AND i.event_id = o.id
    WHERE o.type IN ('order.completed', 'order.returned') AND i.event_id IS NULL`,
  "I10 every saga has ended": `SELECT 'order', id, status, reason FROM "order".saga WHERE status NOT IN ('completed', 'compensated') UNION ALL SELECT 'payment', id, status, reason FROM payment.saga WHERE status NOT IN ('completed', 'compensated')`,
  "I11 no request is held in progress": `SELECT tenant_id, key FROM "order".idempotency_key WHERE status IS NULL AND lease_until < now()`,
  "I13 an order that was undone left no document": `SELECT s.id FROM "order".saga s JOIN "order".orders o ON o.tenant_id = s.tenant_id AND o.id = s.id WHERE s.status = 'compensated' AND s.kind IN ('order.checkout', 'order.cardCheckout')`,
  "I17 document numbers have no gap": `SELECT tenant_id, store_id, count(*), min(split_part(number, '-', 2)::int), max(split_part(number, '-', 2)::int) FROM "order".orders WHERE NOT imported
    GROUP BY 1, 2 HAVING count(*) <> max(split_part(number, '-', 2)::int) OR min(split_part(number, '-', 2)::int) <> 1`,
};

/** @returns every promise that is broken, with its first rows; empty: none */
export async function brokenPromises(database: pg.Client, shops: readonly Shop[], history: readonly Entry[]): Promise<string[]> {
  const broken: string[] = [];
  for (const [promise, query] of Object.entries(QUERIES)) {
    const { rows } = await database.query(query);
    if (rows.length > 0) broken.push(`${promise}: ${rows.length} rows, such as ${JSON.stringify(rows[0])}`);
  }
  for (const shop of shops) broken.push(...await auditOf(shop));
  broken.push(...await againstHistory(database, history));
  return broken;
}

async function auditOf(shop: Shop): Promise<string[]> {
  try {
    const { ok, checks } = await shop.client.get<{ ok: boolean; checks: { name: string; differences: unknown[] }[] }>("/v1/audit/verify");
    return ok ? [] : [`the audit finds ${JSON.stringify(checks.filter(({ differences }) => differences.length > 0)).slice(0, 500)}`];
  } catch (error) {
    return [`the audit does not answer: ${(error as ProblemError).message}`];
  }
}

/** I9: what was acknowledged is there, what was refused is not; I19: no answer was a 500. */
async function againstHistory(database: pg.Client, history: readonly Entry[]): Promise<string[]> {
  const stored = new Set((await database.query<{ id: string }>(`SELECT id FROM "order".orders UNION ALL SELECT id FROM catalog.stock_document`)).rows.map(({ id }) => id));
  const creates = history.filter(({ kind }) => ["cashSale", "cardSale", "declinedSale", "receipt"].includes(kind));
  const lost = creates.filter(({ id, outcome }) => outcome === "ok" && !stored.has(id)), left = creates.filter(({ id, outcome }) => outcome === "fail" && stored.has(id));
  const internal = history.filter(({ status }) => status === 500);
  const unexpected = history.filter(({ outcome, code, kind }) => outcome === "fail" && !(EXPECTED[kind] ?? []).includes(code));
  return [
    ...lost.map((entry) => `I9 an acknowledged ${entry.kind} is lost: ${entry.id}`), ...left.map((entry) => `I9 a refused ${entry.kind} is there: ${entry.id} (${entry.code})`),
    ...internal.map((entry) => `I19 a ${entry.kind} was answered 500`), ...unexpected.map((entry) => `I19 a ${entry.kind} was refused for no reason of its own: ${entry.status} ${entry.code}`),
  ];
}

/** A client alone in its tenant's orders is refused for these reasons only; payment_ended: the node died before it asked for the card, and the till sells under a new id. */
const EXPECTED: Readonly<Partial<Record<Entry["kind"], readonly string[]>>> = { declinedSale: ["payment_declined", "payment_ended"], cashSale: ["out_of_stock"], cardSale: ["out_of_stock", "payment_ended"] };

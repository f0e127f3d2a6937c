import { identityOf } from "../../../middlewares/identity.ts";
import { callAs, type Ctx } from "../../../mixins/call.ts";
import { handler, inTenant } from "../../../mixins/handlers.ts";
import { platformOf } from "../../../node/platform.ts";
import type { reportContract } from "../contract.ts";
import { compareRows, lasting, mergeChecks, type Check } from "../domain/compare.ts";
import { readDocumentTotals, readFigures, readPositions, readSoldOrders, type SoldOrder } from "../models/audit.ts";

/** So long the projections may take to catch up with what the others have committed. */
const PATIENCE_MS = 10_000;
const PAUSE_MS = 200;
const PAGE = 1000, LEVELS_PAGE = 200;
const FIRST_ID = "00000000-0000-0000-0000-000000000000";
const FIGURES = ["documents", "grossMinor", "discountMinor", "taxMinor", "totalMinor", "quantityThousandths"];

/** Every service recomputes its own ledgers; what one service's figures must say of another's is compared here. Permission platform.audit.read. Changes nothing. */
export const verifyPlatform = handler<typeof reportContract, "verifyPlatform">(async (_params, ctx) => {
  const as = account(ctx);
  const own = await Promise.all([callAs(as, "catalog.verify", {}), callAs(as, "payment.verify", {}), callAs(as, "order.verify", {}), callAs(as, "auth.verify", {})]);
  const across = await Promise.all([ordersAndPayments, figuresAndOrders, positionsAndLevels].map((compare) => settled(() => compare(ctx))));
  const checks = mergeChecks([...own.flatMap((answer) => answer.checks), ...across.flat()]);
  platformOf(ctx.broker).metrics?.audited(checks);
  return { ok: checks.every((check) => check.differences.length === 0), checks: checks as never };
});

const account = (ctx: Ctx) => ({ broker: ctx.broker, service: "report", tenantId: identityOf(ctx).tenantId, requestId: ctx.meta.requestId });

/** Looks until both sides agree. Sales go on meanwhile: after the time is up, what two looks in a row saw alike is a difference, what moved is not. */
async function settled(look: () => Promise<Check[]>): Promise<Check[]> {
  const deadline = Date.now() + PATIENCE_MS;
  for (let before = await look(); ;) {
    if (before.every((check) => check.differences.length === 0)) return before;
    await new Promise((wake) => setTimeout(wake, PAUSE_MS));
    const now = await look();
    if (Date.now() > deadline) return now.map((check, index) => lasting(before[index]!, check));
    before = now;
  }
}

/** Each sale was paid to the last minor unit, and nothing was captured for an order that is none. Never more refunded than captured. */
async function ordersAndPayments(ctx: Ctx): Promise<Check[]> {
  const checks: Check[] = [];
  for (let after = FIRST_ID; ;) {
    const { orders } = await callAs(account(ctx), "payment.orderTotals", { after: after === FIRST_ID ? null : after, limit: PAGE });
    const last = orders.length < PAGE ? null : orders.at(-1)!.orderId;
    const sold = await inTenant(ctx, (tx) => readSoldOrders(tx, after, last));
    checks.push(paidInFull(sold, orders), overRefunded(orders));
    if (last === null) return mergeChecks(checks);
    after = last;
  }
}

type OrderTotal = { orderId: string; currency: string; capturedMinor: number; refundedMinor: number };

function paidInFull(sold: readonly SoldOrder[], orders: readonly OrderTotal[]): Check {
  const due = sold.map(({ orderId, currency, dueMinor }) => ({ orderId, currency, capturedMinor: dueMinor }));
  return compareRows({ name: "order totals", key: ["orderId", "currency"], fields: ["capturedMinor"], left: due, right: orders, sides: ["order", "payment"] });
}

function overRefunded(orders: readonly OrderTotal[]): Check {
  return { name: "refunds", compared: orders.length, differences: orders.filter((order) => order.refundedMinor > order.capturedMinor) };
}

/** The reports' figures of each store and day against the documents of the order service; each document against its lines. */
async function figuresAndOrders(ctx: Ctx): Promise<Check[]> {
  const { days } = await callAs(account(ctx), "order.figures", {});
  const [figures, documents] = await inTenant(ctx, async (tx) => [await readFigures(tx), await readDocumentTotals(tx)] as const);
  const name = "report figures";
  return mergeChecks([
    compareRows({ name, key: ["storeId", "currency", "businessDay", "kind"], fields: FIGURES, left: figures, right: days, sides: ["report", "order"] }),
    { name, ...documents },
  ]);
}

/** The reports' stock: the running position against its movements, and against the level in the catalogue. */
async function positionsAndLevels(ctx: Ctx): Promise<Check[]> {
  const levels = await allLevels(ctx);
  const positions = await inTenant(ctx, readPositions);
  const moved = positions.map((row) => ({ ...row, quantity: row.movedQuantity, value: row.movedValue }));
  const name = "report stock";
  return mergeChecks([
    compareRows({ name, key: ["storeId", "variantId", "currency"], fields: ["quantity", "value"], left: positions, right: moved, sides: ["position", "movements"] }),
    compareRows({ name, key: ["storeId", "variantId"], fields: ["quantity"], left: positions, right: levels, sides: ["report", "catalog"] }),
  ]);
}

async function allLevels(ctx: Ctx): Promise<{ storeId: string; variantId: string; quantity: number }[]> {
  const levels = [];
  for (let cursor: string | undefined; ;) {
    const { data, nextCursor } = await callAs(account(ctx), "catalog.listLevels", { limit: LEVELS_PAGE, ...(cursor ? { cursor } : {}) });
    levels.push(...data.map(({ storeId, variantId, onHand }) => ({ storeId, variantId, quantity: Math.round(onHand * 1000) })));
    if (nextCursor === null) return levels;
    cursor = nextCursor;
  }
}

import { identityOf } from "../../../middlewares/identity.ts";
import type { Ctx } from "../../../mixins/call.ts";
import { handler, inTenant, query } from "../../../mixins/handlers.ts";
import type { paymentContract } from "../contract.ts";
import { checkBooks, readCards, readOrderTotals, type CardRow, type Check } from "../models/audit.ts";
import { cardProvider } from "../providers/card-provider.ts";
import type { Truth } from "../providers/provider.ts";

type C = typeof paymentContract;
const PAGE = 500, DIFFERENCES_MAX = 100;

/** Recomputes the books: every transaction sums to zero and says what its document says, every payment agrees with its entries, every card with its provider. Internal. */
export const verify = handler<C, "verify">(async (_params, ctx) => {
  const checks = await inTenant(ctx, checkBooks);
  return { checks: [...checks, await checkCharges(ctx)] };
});

/** Captured and refunded per order, by order id, for the audit of the orders. Internal. */
export const orderTotals = query<C, "orderTotals">(async (tx, { after, limit }) => ({ orders: await readOrderTotals(tx, after, limit) }));

/** Page by page, because the provider may be far away. */
async function checkCharges(ctx: Ctx): Promise<Check> {
  const provider = cardProvider(ctx.broker), { tenantId } = identityOf(ctx);
  const differences: unknown[] = [];
  let compared = 0;
  for (let after: string | null = null; ;) {
    const cards: CardRow[] = await inTenant(ctx, (tx) => readCards(tx, after, PAGE));
    const truths = new Map((await provider.retrieve(tenantId, cards.map((card) => card.paymentId))).map((truth) => [truth.paymentId, truth]));
    differences.push(...cards.filter((card) => !agrees(card, truths.get(card.paymentId))).map((card) => ({ ...card, provider: truths.get(card.paymentId) ?? null })));
    compared += cards.length;
    if (cards.length < PAGE) break;
    after = cards.at(-1)!.paymentId;
  }
  return { name: "provider charges", compared, differences: differences.slice(0, DIFFERENCES_MAX) };
}

const ENDED = new Set(["voided", "declined"]);

/** An ended payment holds nothing at the provider; a pending one may be a moment ahead or behind and holds no money of ours. */
function agrees(card: CardRow, truth: Truth | undefined): boolean {
  const keptMinor = (truth?.capturedMinor ?? 0) - (truth?.refundedMinor ?? 0);
  if (card.status === "pending" || card.status === "authorized") return true;
  return keptMinor === card.keptMinor && (!ENDED.has(card.status) || truth?.status !== "authorized");
}

import { refuse as platformRefuse } from "../../../lib/errors.ts";
import { percentToPpm } from "../../../lib/percent.ts";
import { quantityToThousandths } from "../../../lib/quantity.ts";
import { refuse } from "../errors.ts";
import { businessTime } from "./business-time.ts";
import type { Basket, Draft, DraftLine, DraftTender, Method, StoreContext, Variant } from "./draft.ts";
import { priceOrder } from "./price-order.ts";
import type { Discount, PricedOrder, PricingRules } from "./priced-order.ts";
import { settleTenders, type Settlement } from "./tenders.ts";

type DiscountIn = NonNullable<Basket["discount"]>;
type PaymentIn = NonNullable<Basket["payments"]>[number];

/** Prices a basket in its store and settles it with its payments. Pure: `now` and everything that others know is handed in.
 *  A basket without `payments` (a quote) is priced and not settled.
 *  Checks in this order: currencies, the card of a card payment, amounts, payments.
 *  @throws currency_mismatch, invalid_request, amount_out_of_range, amount_mismatch */
export function draftOrder({ basket, store, variants, now }: { basket: Basket; store: StoreContext; variants: readonly Variant[]; now: string }): Draft {
  const byId = new Map(variants.map((variant) => [variant.variantId, variant]));
  refuseForeignMoney(basket, store.currency, byId);
  refuseOddCards(basket.payments ?? []);
  const priced = priceBasket(basket, store, byId);
  const settled = settle(basket.payments, priced, store);
  const placedAt = basket.placedAt === undefined ? now : pastInstant(basket.placedAt, now);
  const { businessDay, hour } = businessTime(placedAt, store.timezone);
  return {
    store, registerId: basket.registerId ?? null, customerId: basket.customerId ?? null, channel: basket.channel as string, currency: store.currency,
    lines: priced.lines.map((line) => describe(line, byId.get(line.variantId)!)), tenders: tendersOf(settled, basket.payments ?? []),
    subtotalMinor: priced.subtotalMinor, discountTotalMinor: priced.discountTotalMinor, taxTotalMinor: priced.taxTotalMinor, roundingMinor: settled.roundingMinor,
    totalMinor: settled.payableMinor, cashTotalMinor: priced.cashTotalMinor, changeMinor: settled.changeMinor,
    placedAt, businessDay, hour, reference: basket.reference ?? null, metadata: basket.metadata ?? {}, explain: priced.explain,
  };
}

function priceBasket(basket: Basket, { currency, pricesIncludeTax, rounding, cashRounding }: StoreContext, variants: ReadonlyMap<string, Variant>): PricedOrder {
  try {
    return priceOrder({
      currency, pricesIncludeTax, rounding: rounding as PricingRules["rounding"], cashRounding, ...(basket.discount ? { discount: discountOf(basket.discount) } : {}),
      lines: basket.lines.map(({ variantId, quantity, discount }) => ({
        variantId, quantityThousandths: quantityToThousandths(quantity), unitPriceMinor: variants.get(variantId)!.unitPriceMinor, taxes: variants.get(variantId)!.taxes,
        ...(discount ? { discount: discountOf(discount) } : {}),
      })),
    });
  } catch (error) {
    throw (error as { code?: string }).code === "amount_out_of_range" ? refuse.amount_out_of_range() : error;
  }
}

function discountOf(given: DiscountIn): Discount {
  const { reason } = given;
  const off = "percent" in given ? { percentPpm: percentToPpm(given.percent) } : { amountMinor: given.amount.amount };
  return reason === undefined ? off : { ...off, reason };
}

function settle(payments: readonly PaymentIn[] | undefined, priced: PricedOrder, { cashRounding, currency }: StoreContext): Settlement {
  const { totalMinor } = priced;
  if (payments === undefined) return { payments: [], roundingMinor: 0, payableMinor: totalMinor, changeMinor: 0 };
  const settled = settleTenders({ totalMinor, cashStep: cashRounding, payments: payments.map(({ method, amount, tendered }) => ({
    method: method as Method, ...(amount ? { amountMinor: amount.amount } : {}), ...(tendered ? { tenderedMinor: tendered.amount } : {}),
  })) });
  if ("refused" in settled) throw refuse.amount_mismatch(settled.detail, { expected: { amount: settled.expectedMinor, currency }, pointer: "/payments" });
  return settled;
}

/** A payment of nothing is no payment. */
function tendersOf({ payments }: Settlement, sent: readonly PaymentIn[]): DraftTender[] {
  return payments.map((payment, index) => ({ ...payment, sentAs: index, method: payment.method as Method, ...cardOf(sent[index]?.card?.number) })).filter(({ amountMinor }) => amountMinor > 0);
}

const BRANDS: readonly [RegExp, string][] = [[/^4/, "visa"], [/^(5[1-5]|2[2-7])/, "mastercard"], [/^3[47]/, "amex"]];
function cardOf(number: string | undefined): { card?: NonNullable<DraftTender["card"]> } {
  if (number === undefined) return {};
  return { card: { brand: BRANDS.find(([pattern]) => pattern.test(number))?.[1] ?? null, last4: number.slice(-4) } };
}

const describe = (line: PricedOrder["lines"][number], { productId, categoryId, categoryName, sku, name }: Variant): DraftLine => ({ ...line, productId, categoryId, categoryName, sku, name });

function refuseForeignMoney(basket: Basket, currency: string, variants: ReadonlyMap<string, Variant>): void {
  const used: [string, string | undefined][] = [
    ["/discount/amount/currency", currencyOf(basket.discount)],
    ...basket.lines.flatMap(({ variantId, discount }, index): [string, string | undefined][] => [
      [`/lines/${index}/variantId`, variants.get(variantId)!.currency], [`/lines/${index}/discount/amount/currency`, currencyOf(discount)],
    ]),
    ...(basket.payments ?? []).flatMap(({ amount, tendered }, index): [string, string | undefined][] => [
      [`/payments/${index}/amount/currency`, amount?.currency], [`/payments/${index}/tendered/currency`, tendered?.currency],
    ]),
  ];
  const odd = used.find(([, other]) => other !== undefined && other !== currency);
  if (odd) throw refuse.currency_mismatch(`The store takes ${currency}`, { pointer: odd[0], expected: currency });
}

const currencyOf = (discount: DiscountIn | undefined): string | undefined => (discount && "amount" in discount ? discount.amount.currency : undefined);

function refuseOddCards(payments: readonly PaymentIn[]): void {
  const index = payments.findIndex(({ method, card }) => (method === "card") !== (card !== undefined));
  if (index < 0) return;
  const isCard = payments[index]!.method === "card";
  throw platformRefuse.invalid_request(isCard ? "A card payment names its card" : "Only a card payment names a card", {
    errors: [{ pointer: `/payments/${index}/card`, code: isCard ? "required" : "not_allowed", message: isCard ? "must be given" : "is for the method card" }],
  });
}

const FUTURE_MS = 24 * 3600 * 1000, FIRST_YEAR = "1970";
/** A till's clock may be a little ahead. @throws invalid_request: no such instant, before 1970, or more than a day ahead */
function pastInstant(text: string, now: string): string {
  const ms = Date.parse(text);
  const isSane = Number.isFinite(ms) && text >= FIRST_YEAR && ms <= Date.parse(now) + FUTURE_MS;
  if (!isSane) throw platformRefuse.invalid_request("placedAt is no instant that a sale can have", { errors: [{ pointer: "/placedAt", code: "not_allowed", message: "must be an instant of the past" }] });
  return new Date(ms).toISOString();
}

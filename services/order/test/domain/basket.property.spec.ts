/** What must hold for every basket, not only for the examples. PROPERTY_RUNS baskets in all (default 10000; nightly 1000000). */
import { describe, it, expect } from "@jest/globals";
import fc from "fast-check";
import { priceOrder } from "../../domain/price-order.ts";
import type { OrderInput, PricedOrder } from "../../domain/priced-order.ts";
import { refundShare } from "../../domain/refund.ts";
import { refundOverTenders } from "../../domain/refund-tenders.ts";
import type { PaidTender } from "../../domain/refund-tenders.ts";
import { settleTenders } from "../../domain/tenders.ts";

const RUNS = Number(process.env["PROPERTY_RUNS"] ?? 10_000);
const numRuns = Math.max(1, Math.ceil(RUNS / 2)); // two properties share the runs
const TIMEOUT_MS = 20_000 + RUNS * 5;

const discount = fc.oneof(
  fc.record({ percentPpm: fc.constantFrom(1, 33_333, 100_000, 125_000, 500_000, 1_000_000, 1_500_000) }),
  fc.record({ amountMinor: fc.oneof(fc.nat(20), fc.nat(20_000)) }),
);
const optionalDiscount = fc.option(fc.oneof(discount, fc.array(discount, { maxLength: 3 })), { nil: undefined });
const taxComponent = fc.record({
  name: fc.constantFrom("VAT", "GST", "PST"),
  ratePpm: fc.constantFrom(0, 50_000, 82_500, 88_750, 99_750, 190_000, 240_000),
  compound: fc.boolean(),
});
const lineArb = fc.record({
  variantId: fc.constant("MUG-RED"),
  quantityThousandths: fc.oneof(fc.integer({ min: 1, max: 9 }).map((pieces) => pieces * 1000), fc.integer({ min: 1, max: 5000 })),
  price: fc.oneof(
    fc.nat(20).map((unitPriceMinor) => ({ unitPriceMinor })),
    fc.nat(100_000).map((unitPriceMinor) => ({ unitPriceMinor })),
    fc.nat({ max: 10 ** 11 }).map((unitPriceMinor) => ({ unitPriceMinor })),
    fc.nat(500_000).map((tenThousandths) => ({ unitPriceDecimal: (tenThousandths / 10_000).toFixed(4) })),
  ),
  discount: optionalDiscount,
  taxes: fc.array(taxComponent, { maxLength: 3 }),
}).map(({ price, discount: lineDiscount, ...rest }) => ({ ...rest, ...price, ...(lineDiscount && { discount: lineDiscount }) }));

const orderArb: fc.Arbitrary<OrderInput> = fc.record({
  currency: fc.constantFrom("EUR", "JPY", "BHD"),
  pricesIncludeTax: fc.boolean(),
  rounding: fc.record({ mode: fc.constantFrom("halfUp", "halfEven", "down"), level: fc.constantFrom("line", "unit", "order") }),
  cashRounding: fc.constantFrom(null, 5, 10),
  lines: fc.array(lineArb, { maxLength: 6 }),
  discount: optionalDiscount,
}).map(({ discount: orderDiscount, ...rest }) => ({ ...rest, ...(orderDiscount && { discount: orderDiscount }) }) as OrderInput);

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** Plain throws: a Jest expectation per figure would take most of the time. */
function mustHold(claims: Readonly<Record<string, boolean>>): void {
  for (const [claim, holds] of Object.entries(claims)) if (!holds) throw new Error(`not so: ${claim}`);
}

function headerIsTheSumOfItsLines({ lines, ...head }: PricedOrder, { pricesIncludeTax }: OrderInput): void {
  mustHold({
    "subtotal = Σ gross": head.subtotalMinor === sum(lines.map((line) => line.grossMinor)),
    "discountTotal = Σ discount": head.discountTotalMinor === sum(lines.map((line) => line.discountMinor)),
    "taxTotal = Σ tax": head.taxTotalMinor === sum(lines.map((line) => line.taxMinor)),
    "total = Σ total": head.totalMinor === sum(lines.map((line) => line.totalMinor)),
    "total = subtotal − discounts + tax on top":
      head.totalMinor === head.subtotalMinor - head.discountTotalMinor + (pricesIncludeTax ? 0 : head.taxTotalMinor),
    "every explained discount is in the total": head.discountTotalMinor === sum(head.explain
      .filter(({ rule }) => rule.endsWith("Discount")).map(({ amountMinor = 0 }) => amountMinor)),
  });
}

function linesAreWhole({ lines }: PricedOrder, { lines: asked, rounding }: OrderInput): void {
  for (const [index, line] of lines.entries()) {
    mustHold({
      "discount = line + order discount": line.discountMinor === line.lineDiscountMinor + line.orderDiscountMinor,
      "0 ≤ discount ≤ gross": line.lineDiscountMinor >= 0 && line.orderDiscountMinor >= 0 && line.discountMinor <= line.grossMinor,
      "tax = Σ taxes, none negative": line.taxMinor === sum(line.taxes.map((tax) => tax.amountMinor)) && line.taxes.every((tax) => tax.amountMinor >= 0),
      "total = net + tax": line.totalMinor === line.netMinor + line.taxMinor,
      // Several included taxes, each rounded over the order, may meet in one line of a cent.
      "net is not negative": line.netMinor >= 0 || (rounding.level === "order" && asked[index]!.taxes.length > 1),
      "nothing left, nothing taxed": line.grossMinor > line.discountMinor || (line.taxMinor === 0 && line.totalMinor === 0),
      "integers": Object.values(line).every((value) => typeof value !== "number" || (Number.isSafeInteger(value) && !Object.is(value, -0))),
    });
  }
}

describe("every basket", () => {
  it("adds up: header to lines, lines to their parts, and never more off than there is", () => {
    fc.assert(fc.property(orderArb, (input) => {
      const priced = priceOrder(input);
      headerIsTheSumOfItsLines(priced, input);
      linesAreWhole(priced, input);
      const settled = settleTenders({ totalMinor: priced.totalMinor, cashStep: input.cashRounding, payments: [{ method: "cash" }] });
      mustHold({ "cash settles to the quoted cash total": "payableMinor" in settled && settled.payableMinor === priced.cashTotalMinor });
    }), { numRuns });
    expect.assertions(0);
  }, TIMEOUT_MS);

  it("comes back, piece by piece and in any order, as exactly what was paid, on every tender", () => {
    const cuts = fc.array(fc.tuple(fc.nat(5), fc.integer({ min: 1, max: 9000 })), { maxLength: 12 });
    fc.assert(fc.property(orderArb, cuts, fc.integer({ min: 0, max: 100 }), (input, pieces, cardPercent) => {
      const priced = priceOrder(input);
      const amountMinor = Math.floor((priced.totalMinor / 100) * cardPercent);
      const settled = settleTenders({ totalMinor: priced.totalMinor, cashStep: input.cashRounding, payments: [{ method: "card", amountMinor }, { method: "cash" }] });
      if ("refused" in settled) throw new Error(settled.detail);
      const tenders = settled.payments.map((payment, index): PaidTender => ({
        method: payment.method, paidMinor: payment.amountMinor, refundedMinor: 0, roundingMinor: index === 0 ? 0 : settled.roundingMinor, refundRoundingMinor: 0,
      }));
      returnAll(priced, input, pieces, tenders);
    }), { numRuns });
    expect.assertions(0);
  }, TIMEOUT_MS);
});

/** Returns the pieces asked for as far as they go, then the rest of each line. */
function returnAll(priced: PricedOrder, input: OrderInput, pieces: readonly (readonly [number, number])[], tenders: PaidTender[]): void {
  const returned = priced.lines.map(() => ({ quantity: 0, total: 0, tax: 0, discount: 0, gross: 0, net: 0 }));
  const rest = priced.lines.map((line, index): [number, number] => [index, line.quantityThousandths]);
  for (const [at, wanted] of [...pieces, ...rest]) {
    const [sold, soFar] = [priced.lines[at], returned[at]];
    const returning = Math.min(wanted, (sold?.quantityThousandths ?? 0) - (soFar?.quantity ?? 0));
    if (sold === undefined || soFar === undefined || returning <= 0) continue;
    const slice = refundShare({ sold, returnedBefore: soFar.quantity, returning, mode: input.rounding.mode });
    soFar.quantity += returning;
    soFar.total += slice.totalMinor;
    soFar.tax += slice.taxMinor;
    soFar.discount += slice.discountMinor;
    soFar.gross += slice.grossMinor;
    soFar.net += slice.netMinor;
    const refund = refundOverTenders({ amountMinor: slice.totalMinor, cashStep: input.cashRounding, tenders });
    mustHold({ "there is room for every refund": refund.unappliedMinor === 0 });
    for (const [index, part] of refund.parts.entries()) {
      const tender = tenders[index]!;
      const refundedMinor = tender.refundedMinor + part.amountMinor;
      mustHold({ "never above what was paid": part.amountMinor >= 0 && refundedMinor <= tender.paidMinor });
      tenders[index] = { ...tender, refundedMinor, refundRoundingMinor: tender.refundRoundingMinor! + part.roundingMinor };
    }
  }
  for (const [index, line] of priced.lines.entries()) {
    const { quantity, total, tax, discount: off, gross, net } = returned[index]!;
    mustHold({
      "the slices of a line are the line": quantity === line.quantityThousandths && total === line.totalMinor && tax === line.taxMinor
        && off === line.discountMinor && gross === line.grossMinor && net === line.netMinor,
    });
  }
  for (const tender of tenders) mustHold({ "each tender got back what it paid": tender.refundedMinor === tender.paidMinor });
}

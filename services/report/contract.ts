import { Type, type TProperties } from "typebox";
import { AUDIT_MS, action, contract } from "../../lib/contract.ts";
import { Closed, Currency, Day, File, Id, Instant, Money, Nullable, OneOf } from "../../lib/schemas.ts";

const Count = Type.Integer({ minimum: 0 });
const Units = Type.Number({ description: "at most 3 decimals" });
const Percentage = Nullable(Type.Number({ description: "at most 4 decimals; null where there is nothing to divide by" }));
/** `key` is stable and sorts, `label` is for people; "" is the key of what has none (a sale without a customer). */
const name = { key: Type.String(), label: Type.String(), sku: Type.Optional(Type.String({ description: "where the row is of one SKU" })) };

const framed = <const N extends string, F extends TProperties, R extends TProperties>(report: N, figures: F, more: R) => Closed({
  report: Type.Literal(report), currency: Currency, groupBy: Type.String(), asOf: Instant, ...more, rows: Type.Array(Closed({ ...name, ...figures })), totals: Closed(figures),
});
const overPeriod = <const N extends string, F extends TProperties>(report: N, figures: F) => framed(report, figures, { from: Day, to: Day });

export const SalesReport = overPeriod("sales", { orders: Count, units: Units, gross: Money, discounts: Money, tax: Money, net: Money, returns: Money, total: Money });
const ProfitReport = overPeriod("profit", { units: Units, net: Money, cost: Money, margin: Money, marginPercent: Percentage, markupPercent: Percentage });
const ReturnsReport = overPeriod("returns", { returns: Count, units: Units, tax: Money, total: Money });
const DiscountsReport = overPeriod("discounts", { orders: Count, gross: Money, discounts: Money, discountPercent: Percentage });
const PaymentsReport = overPeriod("payments", { payments: Count, refunds: Count, captured: Money, refunded: Money, net: Money });
const TaxesReport = overPeriod("taxes", { base: Money, tax: Money, returnedBase: Money, returnedTax: Money });
const InventoryValuation = framed("inventory-valuation", { quantity: Units, value: Money }, { at: Instant });
export const Report = Type.Union([SalesReport, ProfitReport, ReturnsReport, DiscountsReport, PaymentsReport, TaxesReport, InventoryValuation]);

const Check = Closed({ name: Type.String(), compared: Type.Integer(), differences: Type.Array(Type.Any()) });

export const reportContract = contract("report", "Reports", {
  actions: {
    readReport: action({
      summary: "One report over a period of business days, as JSON, CSV or PDF, from the events applied so far (`asOf`)",
      rest: "GET /v1/reports/:name", permission: "report.reports.read", idempotent: true, produces: ["application/json", "text/csv", "application/pdf"],
      params: Closed({
        name: Type.String({ maxLength: 50, description: "sales, profit, returns, discounts, payments, taxes, inventory-valuation" }),
        from: Type.Optional(Day), to: Type.Optional(Day), storeId: Type.Optional(Id),
        groupBy: Type.Optional(Type.String({ maxLength: 20, description: "hour, day, week, month, store, register, employee, product, variant, category, customer, country, channel, method, rate: what the report knows" })),
        format: Type.Optional(OneOf(["json", "csv", "pdf"])),
        currency: Type.Optional({ ...Currency, description: "a report is of one currency; default: the one with the most documents" }),
        at: Type.Optional(Type.String({ maxLength: 40, description: "inventory-valuation: an instant, or a day (its end, in the store's time zone); default: now" })),
      }),
      result: Type.Union([Report, File]), errors: ["invalid_request", "not_found"],
    }),
    verifyPlatform: action({
      summary: "Recomputes stock levels, ledger balances, order totals and report figures from the ledgers and names every difference",
      rest: "GET /v1/audit/verify", permission: "platform.audit.read", timeoutMs: AUDIT_MS, params: Closed({}),
      result: Closed({ ok: Type.Boolean(), checks: Type.Array(Check) }),
    }),
  },
  events: {},
});

import { Type } from "typebox";
import { action, contract, event } from "../../lib/contract.ts";
import { Closed, Currency, Day, Id, Instant, Nullable, OneOf } from "../../lib/schemas.ts";
import { ImportResult } from "../catalog/contract.ts";

const Thousandths = Type.Integer({ description: "quantity in thousandths" });
const Minor = Type.Integer({ description: "minor units" });
/** One line of a document as reports need it. On a return every figure is positive and counts against the sale. gross and total include tax. */
const FactLine = Closed({
  lineId: Id, variantId: Id, productId: Id, categoryId: Nullable(Id), categoryName: Nullable(Type.String()), sku: Type.String(), name: Type.String(),
  quantityThousandths: Thousandths, grossMinor: Minor, discountMinor: Minor, taxMinor: Minor, netMinor: Minor, totalMinor: Minor, costMinor: Minor,
  taxes: Type.Array(Closed({ name: Type.String(), ratePpm: Type.Integer(), amountMinor: Minor, baseMinor: Minor })),
});
const Document = Closed({
  documentId: Id, orderId: Nullable(Id), kind: OneOf(["sale", "return", "cancellation"]), number: Type.String(), storeId: Id, registerId: Nullable(Id), employeeId: Nullable(Id), channel: Type.String(),
  customerId: Nullable(Id), customerName: Nullable(Type.String()), country: Nullable(Type.String()), currency: Currency, businessDay: Day, hour: Type.Integer({ minimum: 0, maximum: 23 }), at: Instant,
  imported: Type.Boolean(), roundingMinor: Minor, lines: Type.Array(FactLine),
});

export const orderContract = contract("order", "Orders and the till", {
  actions: {
    importSales: action({
      summary: "One batch of another system's history; the same document number again changes nothing", permission: "internal",
      params: Closed({ storeId: Id, documents: Type.Array(Closed({
        number: Type.String(), at: Instant, businessDay: Day, hour: Type.Integer(), customer: Nullable(Type.String()), country: Nullable(Type.String()),
        lines: Type.Array(Closed({ line: Type.Integer(), sku: Type.String(), name: Type.String(), quantity: Type.String(), unitPrice: Type.String() })),
      }), { maxItems: 2000 }) }),
      result: ImportResult,
    }),
    figures: action({
      summary: "Sums of the documents per business day, for the audit of the reports", permission: "internal", idempotent: true, params: Closed({}),
      result: Closed({ days: Type.Array(Closed({ storeId: Id, currency: Currency, businessDay: Day, kind: Type.String(), documents: Type.Integer(), grossMinor: Minor, discountMinor: Minor, taxMinor: Minor, totalMinor: Minor, quantityThousandths: Thousandths })) }),
    }),
    verify: action({
      summary: "Recomputes order totals from lines and taxes, returns from their lines, numbers without gaps", permission: "internal", idempotent: true, params: Closed({}),
      result: Closed({ checks: Type.Array(Closed({ name: Type.String(), compared: Type.Integer(), differences: Type.Array(Type.Any()) })) }),
    }),
  },
  events: {
    "order.completed": event({ summary: "A sale was made", data: Document }),
    "order.returned": event({ summary: "Goods or money of a sale came back; also a cancellation, as a return of everything", data: Document }),
    "order.imported": event({ summary: "Documents of another system's history were replayed: no message is sent for them", data: Closed({ documents: Type.Array(Document) }) }),
  },
});

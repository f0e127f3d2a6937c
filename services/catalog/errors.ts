import { refusals, type ErrorCatalogue } from "../../lib/errors.ts";

export const CATALOG_ERRORS = {
  out_of_stock: { status: 409, title: "There is not enough in stock", remedy: "Take no more than `available` of each variant in `variants`, or receive goods first." },
  reservation_ended: { status: 409, title: "The order has given its stock back", remedy: "Place a new order." },
  sku_taken: { status: 409, title: "Another variant has this SKU", remedy: "Choose another SKU for the field that `pointer` names." },
  barcode_taken: { status: 409, title: "Another variant has this barcode", remedy: "Scan again: an article number belongs to one article." },
  category_cycle: { status: 409, title: "A category would lie inside itself", remedy: "Choose a parent that is not below this category." },
  barcode_check_digit: { status: 422, title: "The check digit of the barcode is wrong", remedy: "Scan or type it again: the last digit should be `expectedDigit`." },
  currency_mismatch: { status: 422, title: "The amounts are of different or unknown currencies", remedy: "Give price and costs of a variant in one ISO 4217 currency." },
} as const satisfies ErrorCatalogue;

export const refuse = refusals(CATALOG_ERRORS);

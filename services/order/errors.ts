import { refusals, type ErrorCatalogue } from "../../lib/errors.ts";

/** What the order service says no with. */
export const ORDER_ERRORS = {
  amount_mismatch: { status: 422, title: "The payments do not settle the order", remedy: "Send payments that add up to `expected`, or leave the amount of one of them out." },
  currency_mismatch: { status: 422, title: "The currency is not the store's", remedy: "Send every amount in the currency of the store." },
  register_elsewhere: { status: 422, title: "The register stands in another store", remedy: "Send the register of the store where the sale is made." },
  store_archived: { status: 409, title: "The store is archived and sells no more", remedy: "Sell in another store; what this one sold can still come back." },
  register_archived: { status: 409, title: "The register is archived and sells no more", remedy: "Send another register of the store, or none." },
  amount_out_of_range: { status: 422, title: "An amount of the order is too large to be kept exactly", remedy: "Split the order." },
  return_exceeds_sold: { status: 409, title: "More would come back than was sold", remedy: "Return at most what `lines` says is left." },
  order_cancelled: { status: 409, title: "The order is cancelled", remedy: "Nothing of it is left to come back." },
} as const satisfies ErrorCatalogue;

export const refuse = refusals(ORDER_ERRORS);

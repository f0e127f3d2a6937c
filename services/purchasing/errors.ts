import { refusals, type ErrorCatalogue } from "../../lib/errors.ts";

export const PURCHASING_ERRORS = {
  illegal_status: { status: 409, title: "The purchase order is not in a status that allows this", remedy: "Read it: `status` says where it stands, `allowed` in this answer from where the step is possible." },
  over_receipt: { status: 409, title: "More would be received than was ordered", remedy: "Receive at most what is outstanding of each line named, and order the rest anew." },
  currency_mismatch: { status: 422, title: "The currency is not the store's", remedy: "Send every amount in the currency of the store." },
  amount_out_of_range: { status: 422, title: "An amount of the order is too large to be kept exactly", remedy: "Split the order." },
} as const satisfies ErrorCatalogue;

export const refuse = refusals(PURCHASING_ERRORS);

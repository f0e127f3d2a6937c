/** The rule is shared with the payment service, which carries it out. */
export { refundOverTenders, type PaidTender, type RefundPart, type TenderRefund } from "../../../lib/refund-tenders.ts";

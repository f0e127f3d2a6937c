import { sagas } from "../../mixins/saga.ts";
import { defineService } from "../define-service.ts";
import { authorize } from "./actions/authorize-sale.ts";
import { capture } from "./actions/capture-sale.ts";
import { voidSale } from "./actions/end-sale.ts";
import { listAccounts, listEntries, listPayments, readPayment, readRefund, trialBalance } from "./actions/queries.ts";
import { refundOrder } from "./actions/refund-order.ts";
import { refundPayment } from "./actions/refund-payment.ts";
import { settle } from "./actions/settle-sale.ts";
import { orderTotals, verify } from "./actions/verify-books.ts";
import { paymentContract } from "./contract.ts";
import { refundSaga } from "./sagas/refund.ts";

export default defineService(paymentContract, {
  mixins: [sagas([refundSaga])],
  actions: {
    settle, authorize, capture, void: voidSale, refundOrder,
    listPayments, readPayment, refundPayment, readRefund, listAccounts, listEntries, trialBalance, verify, orderTotals,
  },
});

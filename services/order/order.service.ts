import { resources } from "../../mixins/resource.ts";
import { sagas } from "../../mixins/saga.ts";
import { defineService } from "../define-service.ts";
import { archiveCustomer, createCustomer, getCustomer, listCustomers, updateCustomer } from "./actions/customers.ts";
import { importCustomers } from "./actions/import-customers.ts";
import { importSales } from "./actions/import-sales.ts";
import { placeOrder } from "./actions/place-order.ts";
import { figures, getOrder, listOrders, listReturns } from "./actions/queries.ts";
import { quoteOrder } from "./actions/quote-order.ts";
import { receiptPdf, receiptText } from "./actions/receipts.ts";
import { cancelOrder, returnLines } from "./actions/return-lines.ts";
import { verify } from "./actions/verify.ts";
import { orderContract } from "./contract.ts";
import { paymentRefunded } from "./events/payment-refunded.ts";
import { earlyRefunds } from "./jobs/early-refunds.ts";
import { customers } from "./models/customers.ts";
import { cardCheckout, cashCheckout } from "./sagas/checkout.ts";
import { returnSaga } from "./sagas/return.ts";

export default defineService(orderContract, {
  mixins: [resources([customers.definition]), sagas([cashCheckout, cardCheckout, returnSaga]), earlyRefunds()],
  events: [paymentRefunded],
  actions: {
    placeOrder, quoteOrder, getOrder, listOrders, cancelOrder, returnLines, listReturns, receiptPdf, receiptText,
    createCustomer, getCustomer, listCustomers, updateCustomer, archiveCustomer,
    importCustomers, importSales, figures, verify,
  },
});

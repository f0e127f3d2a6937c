import { defineService } from "../define-service.ts";
import { readReport } from "./actions/read-report.ts";
import { verifyPlatform } from "./actions/verify-platform.ts";
import { reportContract } from "./contract.ts";
import { categoryChanged } from "./events/category-changed.ts";
import { orderCompleted } from "./events/order-completed.ts";
import { orderImported } from "./events/order-imported.ts";
import { orderReturned } from "./events/order-returned.ts";
import { paymentCaptured } from "./events/payment-captured.ts";
import { paymentRefunded } from "./events/payment-refunded.ts";
import { registerChanged } from "./events/register-changed.ts";
import { stockMoved } from "./events/stock-moved.ts";
import { storeChanged } from "./events/store-changed.ts";
import { variantChanged } from "./events/variant-changed.ts";

export default defineService(reportContract, {
  actions: { readReport, verifyPlatform },
  events: [storeChanged, registerChanged, variantChanged, categoryChanged, orderCompleted, orderReturned, orderImported, paymentCaptured, paymentRefunded, stockMoved],
});

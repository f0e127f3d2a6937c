import { projectPayments } from "../models/projection.ts";
import { projects } from "./projection.ts";

export const paymentRefunded = projects("payment.refunded", (tx, payments) => projectPayments(tx, "refunded", payments));

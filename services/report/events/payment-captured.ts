import { projectPayments } from "../models/projection.ts";
import { projects } from "./projection.ts";

export const paymentCaptured = projects("payment.captured", (tx, payments) => projectPayments(tx, "captured", payments));

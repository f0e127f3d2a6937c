import { defineService } from "../define-service.ts";
import { reportContract } from "./contract.ts";

export default defineService(reportContract, { actions: {} });

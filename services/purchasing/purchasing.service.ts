import { defineService } from "../define-service.ts";
import { purchasingContract } from "./contract.ts";

export default defineService(purchasingContract, { actions: {} });

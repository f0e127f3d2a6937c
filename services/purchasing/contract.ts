import { contract } from "../../lib/contract.ts";

export const purchasingContract = contract("purchasing", "Purchasing", {
  actions: {},
  events: {},
});

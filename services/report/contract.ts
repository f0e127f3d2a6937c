import { contract } from "../../lib/contract.ts";

export const reportContract = contract("report", "Reports", {
  actions: {},
  events: {},
});

import { contract } from "../../lib/contract.ts";

export const workflowContract = contract("workflow", "Workflows", {
  actions: {},
  events: {},
});

import { contract } from "../../lib/contract.ts";

export const authContract = contract("auth", "Identity", {
  actions: {},
  events: {},
});

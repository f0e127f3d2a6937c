import type { ServiceContract } from "../../../lib/contract.ts";
export function openApiDocument(contracts: readonly ServiceContract[]): Record<string, unknown> {
  return { openapi: "3.1.0", info: { title: "BeaverOS", version: "1" }, paths: {}, contracts: contracts.length };
}

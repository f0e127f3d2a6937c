import type { ResultOf } from "../../../lib/contract.ts";
import type { entityContract } from "../contract.ts";
import type { RegisterRow } from "./registers.ts";
import type { StoreRow } from "./stores.ts";
import type { TenantRow } from "./tenants.ts";

type Actions = typeof entityContract.actions;

/** Rows as clients see them. */
export function toTenant({ archivedAt: _, ...row }: TenantRow): ResultOf<Actions["getTenant"]> {
  return row;
}

export const toStore = (row: StoreRow): ResultOf<Actions["getStore"]> => row;

export function toRegister({ tokenHash: _, ...row }: RegisterRow): ResultOf<Actions["getRegister"]> {
  return row;
}

import { refuse } from "../../../lib/errors.ts";
import { query, sharedQuery } from "../../../mixins/handlers.ts";
import type { entityContract } from "../contract.ts";
import { registerContext as readRegisterContext, registers } from "../models/registers.ts";
import { toRegister, toStore, toTenant } from "../models/representations.ts";
import { stores } from "../models/stores.ts";
import { storeContext as readStoreContext, tenants } from "../models/tenants.ts";

type Contract = typeof entityContract;

/** The reads. Permissions: entity.tenant.read, entity.stores.read, entity.registers.read; the contexts are internal. @throws not_found */
export const getTenant = query<Contract, "getTenant">(async (tx, _params, ctx) => toTenant(await tenants.get(ctx, tx.tenantId)));

export const getStore = query<Contract, "getStore">(async (_tx, { id }, ctx) => toStore(await stores.get(ctx, id)));

export const listStores = query<Contract, "listStores">((_tx, { code, reference, ...params }, ctx) => stores.list(ctx, params, { map: toStore, filters: { code, reference } }));

export const getRegister = query<Contract, "getRegister">(async (_tx, { id }, ctx) => toRegister(await registers.get(ctx, id)));

export const listRegisters = query<Contract, "listRegisters">((_tx, { storeId, reference, ...params }, ctx) => registers.list(ctx, params, { map: toRegister, filters: { storeId, reference } }));

export const storeContext = sharedQuery<Contract, "storeContext">(async (tx, { storeId }) => found(await tx.done(readStoreContext(tx, storeId))));

export const registerContext = query<Contract, "registerContext">(async (tx, { registerId }) => found(await readRegisterContext(tx, registerId)));

function found<T>(row: T | undefined): T {
  if (!row) throw refuse.not_found();
  return row;
}

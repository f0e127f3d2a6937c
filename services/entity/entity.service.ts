import { resources } from "../../mixins/resource.ts";
import { defineService } from "../define-service.ts";
import { createRegister } from "./actions/create-register.ts";
import { createStore } from "./actions/create-store.ts";
import { createTenant } from "./actions/create-tenant.ts";
import { deleteRegister } from "./actions/delete-register.ts";
import { deleteStore } from "./actions/delete-store.ts";
import { getRegister, getStore, getTenant, listRegisters, listStores, registerContext, storeContext } from "./actions/queries.ts";
import { resolveSlug } from "./actions/resolve-slug.ts";
import { updateRegister } from "./actions/update-register.ts";
import { updateStore } from "./actions/update-store.ts";
import { updateTenant } from "./actions/update-tenant.ts";
import { entityContract } from "./contract.ts";
import { registers } from "./models/registers.ts";
import { stores } from "./models/stores.ts";
import { tenants } from "./models/tenants.ts";

export default defineService(entityContract, {
  mixins: [resources([tenants.definition, stores.definition, registers.definition])],
  actions: {
    getTenant, updateTenant, createStore, getStore, listStores, updateStore, deleteStore,
    createRegister, getRegister, listRegisters, updateRegister, deleteRegister,
    createTenant, resolveSlug, storeContext, registerContext,
  },
});

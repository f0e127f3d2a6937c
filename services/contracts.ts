import type { FlatActions, FlatEvents, ServiceContract } from "../lib/contract.ts";
import { authContract } from "./auth/contract.ts";
import { catalogContract } from "./catalog/contract.ts";
import { entityContract } from "./entity/contract.ts";
import { orderContract } from "./order/contract.ts";
import { paymentContract } from "./payment/contract.ts";
import { purchasingContract } from "./purchasing/contract.ts";
import { reportContract } from "./report/contract.ts";
import { workflowContract } from "./workflow/contract.ts";

/* The only file that names every service. What `call` and `onEvent` accept comes from here. */

export interface Actions extends
  FlatActions<typeof authContract>, FlatActions<typeof entityContract>, FlatActions<typeof catalogContract>, FlatActions<typeof orderContract>,
  FlatActions<typeof paymentContract>, FlatActions<typeof purchasingContract>, FlatActions<typeof reportContract>, FlatActions<typeof workflowContract> {}

export interface Events extends
  FlatEvents<typeof authContract>, FlatEvents<typeof entityContract>, FlatEvents<typeof catalogContract>, FlatEvents<typeof orderContract>,
  FlatEvents<typeof paymentContract>, FlatEvents<typeof purchasingContract>, FlatEvents<typeof reportContract>, FlatEvents<typeof workflowContract> {}

export const contracts: readonly ServiceContract[] = [
  authContract, entityContract, catalogContract, orderContract, paymentContract, purchasingContract, reportContract, workflowContract,
];

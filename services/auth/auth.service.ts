import { sagas } from "../../mixins/saga.ts";
import { defineService } from "../define-service.ts";
import { listAuditLog, verify } from "./actions/audit-log.ts";
import { authenticateKey } from "./actions/authenticate-key.ts";
import { changeApiKey, removeApiKey } from "./actions/change-api-key.ts";
import { changeRole } from "./actions/change-role.ts";
import { changeUser } from "./actions/change-user.ts";
import { createApiKey } from "./actions/create-api-key.ts";
import { createRole } from "./actions/create-role.ts";
import { createUser } from "./actions/create-user.ts";
import { logIn } from "./actions/log-in.ts";
import { logOut } from "./actions/log-out.ts";
import * as queries from "./actions/queries.ts";
import { refresh } from "./actions/refresh.ts";
import { removeRole } from "./actions/remove-role.ts";
import { removeUser } from "./actions/remove-user.ts";
import { signUp } from "./actions/sign-up.ts";
import { authContract } from "./contract.ts";
import { audited } from "./events/audited.ts";
import { janitor } from "./janitor.ts";
import { signUpSaga } from "./sagas/sign-up.ts";

export default defineService(authContract, {
  actions: {
    signUp, logIn, refresh, logOut, createUser, changeUser, removeUser, createRole, changeRole, removeRole,
    createApiKey, changeApiKey, removeApiKey, authenticateKey, listAuditLog, verify, ...queries,
  },
  events: audited,
  mixins: [sagas([signUpSaga]), janitor],
});

import { tellAudit, type AuditStamp } from "../../../mixins/audit.ts";
import { callAs } from "../../../mixins/call.ts";
import { defineSaga } from "../../../mixins/saga.ts";
import { forgetSignUp } from "../models/sign-ups.model.ts";
import { activateUser } from "../models/users.model.ts";

export interface SignUp { readonly tenant: { id: string; name: string; slug: string; country: string; currency: string; timezone: string }; readonly userId: string; readonly audit?: AuditStamp }

/** Opening a tenant over two services. The owner and the roles are laid down first and sleep; the tenant is opened under an id that was chosen
 *  before (so asking twice opens one); then the owner wakes. Refused: what was laid down is taken back. Killed in between: the sweeper goes on,
 *  so that no slug is kept by a tenant without an owner. */
export const signUpSaga = defineSaga<SignUp, null>({
  kind: "auth.sign-up",
  steps: [
    { kind: "pivot", name: "entity.createTenant", run: (host, { tenant }) => callAs(host, "entity.createTenant", tenant) },
  ],
  async complete(tx, { input }) {
    await activateUser(tx, input.userId);
    tellAudit(tx, input.audit, input.tenant.id);
    return null;
  },
  compensated: (tx) => forgetSignUp(tx),
});

import { tellAudit, type AuditStamp } from "../../../mixins/audit.ts";
import { settleRefusal } from "../../../mixins/idempotency.ts";
import { defineSaga } from "../../../mixins/saga.ts";
import { toRefund } from "../domain/representation.ts";
import { readRefund } from "../models/refunds.ts";
import { giveBack } from "./give-back.ts";

export interface RefundSaga { readonly refundId: string; readonly key: string | null; readonly audit?: AuditStamp }

/** A refund over a card that a person asked for: set aside and committed before the provider is asked, so that it is finished by whoever lives.
 *  One step: refused, and the provider holds nothing; or done, and only the books are left. */
export const refundSaga = defineSaga<RefundSaga, unknown>({
  kind: "payment.refund",
  steps: [{ kind: "pivot", name: "payment.giveBack", run: async (host, { refundId }) => { await giveBack(host, refundId); } }],
  async complete(tx, { input }) {
    const refund = toRefund((await readRefund(tx, input.refundId))!);
    tellAudit(tx, input.audit, input.refundId);
    return refund;
  },
  answer: ({ key }, refund) => (key === null ? undefined : { key, status: 200, body: refund }),
  async compensated(tx, { input, refusal }) {
    if (input.key) await settleRefusal(tx, input.key, refusal);
  },
});

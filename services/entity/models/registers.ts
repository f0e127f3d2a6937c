import { DataTypes } from "sequelize";
import type { ResultOf } from "../../../lib/contract.ts";
import { sql, type Tx } from "../../../mixins/database.ts";
import { defineResource, type Stamped } from "../../../mixins/resource.ts";
import type { entityContract } from "../contract.ts";

/** `tokenHash` is the SHA-256 of the device token. */
export interface RegisterRow extends Stamped { storeId: string; name: string; tokenHash: string }
type RegisterContext = ResultOf<typeof entityContract.actions.registerContext>;

export const registers = defineResource<RegisterRow>({
  kind: "register", table: "register", sorts: ["name"], unique: { register_reference_key: "/reference" },
  attributes: { storeId: DataTypes.UUID, name: DataTypes.TEXT, tokenHash: DataTypes.TEXT },
});

const CONTEXT = sql("register.context", `SELECT id AS "registerId", store_id AS "storeId", name, archived_at IS NOT NULL AS archived FROM register WHERE id = $1`);

export async function registerContext(tx: Tx, registerId: string): Promise<RegisterContext | undefined> {
  return (await tx.query<RegisterContext>(CONTEXT, [registerId]))[0];
}

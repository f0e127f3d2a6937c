import { DataTypes } from "sequelize";
import { sql, type Tx } from "../../../mixins/database.ts";
import { defineResource, type Stamped } from "../../../mixins/resource.ts";

/** `tokenHash` is the SHA-256 of the device token. */
export interface RegisterRow extends Stamped { storeId: string; name: string; tokenHash: string }

export const registers = defineResource<RegisterRow>({
  kind: "register", table: "register", sorts: ["name"], unique: { register_reference_key: "/reference" },
  attributes: { storeId: DataTypes.UUID, name: DataTypes.TEXT, tokenHash: DataTypes.TEXT },
});

const CONTEXT = sql("register.context", `SELECT id AS "registerId", store_id AS "storeId", name FROM register WHERE id = $1`);

export async function registerContext(tx: Tx, registerId: string): Promise<{ registerId: string; storeId: string; name: string } | undefined> {
  return (await tx.query<{ registerId: string; storeId: string; name: string }>(CONTEXT, [registerId]))[0];
}

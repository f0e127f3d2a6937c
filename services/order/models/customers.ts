import { DataTypes } from "sequelize";
import { defineResource, type Stamped } from "../../../mixins/resource.ts";

export interface CustomerRow extends Stamped { name: string; email: string | null; phone: string | null; taxNumber: string | null; address: Record<string, string> | null; groupId: string | null }

export const customers = defineResource<CustomerRow>({
  kind: "customer", table: "customer", sorts: ["name"], unique: { customer_reference_key: "/reference" },
  attributes: { name: DataTypes.TEXT, email: DataTypes.TEXT, phone: DataTypes.TEXT, taxNumber: DataTypes.TEXT, address: DataTypes.JSONB, groupId: DataTypes.UUID },
});

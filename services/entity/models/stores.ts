import { DataTypes } from "sequelize";
import { defineResource, type Stamped } from "../../../mixins/resource.ts";

export interface StoreRow extends Stamped {
  code: string; name: string; timezone: string; currency: string; address: Record<string, string> | null; pricesIncludeTax: boolean; cashRounding: number | null;
}

export const stores = defineResource<StoreRow>({
  kind: "store", table: "store", sorts: ["name", "code"], unique: { store_code_key: "/code", store_reference_key: "/reference" },
  attributes: {
    code: DataTypes.TEXT, name: DataTypes.TEXT, timezone: DataTypes.TEXT, currency: DataTypes.TEXT, address: DataTypes.JSONB,
    pricesIncludeTax: DataTypes.BOOLEAN, cashRounding: DataTypes.INTEGER,
  },
});

import { DataTypes } from "sequelize";
import { defineResource, type Stamped } from "../../../mixins/resource.ts";
import type { DateFormat, ImportType } from "../domain/mappings.ts";
import { sql, type Tx } from "../../../mixins/database.ts";

export interface MappingRow extends Stamped { name: string; type: ImportType; columns: Record<string, string>; dateFormat: DateFormat; delimiter: string }

export const mappings = defineResource<MappingRow>({
  kind: "import mapping", table: "import_mapping", sorts: ["name"], unique: { import_mapping_name_key: "/name", import_mapping_reference_key: "/reference" },
  attributes: { name: DataTypes.TEXT, type: DataTypes.TEXT, columns: DataTypes.JSONB, dateFormat: DataTypes.TEXT, delimiter: DataTypes.TEXT },
});

const NAMED = sql("workflow.mapping-named", `SELECT name, type, columns, date_format AS "dateFormat", delimiter FROM import_mapping WHERE name = $1 OR id::text = $1 LIMIT 1`);

/** By name, as an import names it, or by id. */
export const mappingNamed = async (tx: Tx, name: string): Promise<Pick<MappingRow, "name" | "type" | "columns" | "dateFormat" | "delimiter"> | undefined> =>
  (await tx.query<MappingRow>(NAMED, [name]))[0];

import type { Sequelize } from "sequelize";
import type { Tracing } from "./tracing.ts";

interface QueryOptions { readonly type?: string; readonly model?: { readonly tableName?: string }; readonly tableNames?: readonly string[] }

/** The statements of models, which have no names: by what they do and to which table. */
export function traceModelQueries(sequelize: Sequelize, tracing: Tracing, service: string): void {
  const underWay = new WeakMap<object, () => void>();
  sequelize.addHook("beforeQuery", (options: object) => {
    const { type = "query", model, tableNames } = options as QueryOptions;
    const table = model?.tableName ?? tableNames?.join(", ");
    const end = tracing.begin({ service, name: table ? `${type} ${table}` : type, kind: "CLIENT", attributes: { "db.system.name": "postgresql" } });
    if (end) underWay.set(options, end);
  });
  sequelize.addHook("afterQuery", (options: object) => underWay.get(options)?.());
}

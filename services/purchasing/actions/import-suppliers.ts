import { command } from "../../../mixins/handlers.ts";
import type { purchasingContract } from "../contract.ts";
import { rowFault } from "../domain/supplier-row.ts";
import { importSuppliers as insertNew } from "../models/suppliers.ts";

/** One batch of a supplier file. Permission: internal. Running it twice changes nothing: the same reference (else the same name) is skipped. */
export const importSuppliers = command<typeof purchasingContract, "importSuppliers">(async (tx, { rows }) => {
  const faults = rows.map(rowFault);
  const sound = rows.filter((_, index) => !faults[index]);
  const imported = sound.length ? await insertNew(tx, sound) : 0;
  return { imported, skipped: sound.length - imported, rejected: faults.filter((fault) => fault !== undefined) };
});

import { thousandthsToQuantity } from "../../../lib/quantity.ts";
import { LIMIT_DEFAULT, page, readCursor } from "../../../mixins/cursor.ts";
import { query } from "../../../mixins/handlers.ts";
import type { catalogContract } from "../contract.ts";
import { levels, movements, verifyStock, type LevelRow, type MovementRow } from "../models/inventory.ts";
import { requireSort } from "./adjust-stock.ts";

type Contract = typeof catalogContract;

/** Permission catalog.inventory.read. With `at` as it was then, from the ledgers. */
export const listLevels = query<Contract, "listLevels">(async (tx, { limit = LIMIT_DEFAULT, cursor, sort, ...filter }, ctx) => {
  requireSort(sort, "storeId");
  const name = `levels ${filter.at ?? "now"}`;
  const rows = await levels(tx, filter, readCursor(ctx, name, cursor), limit + 1);
  return page(ctx, name, { rows, limit, key: (row) => [row.storeId, row.variantId], map: asLevel });
});

/** Permission catalog.inventory.read. Newest first. */
export const listMovements = query<Contract, "listMovements">(async (tx, { limit = LIMIT_DEFAULT, cursor, sort, ...filter }, ctx) => {
  requireSort(sort, "-createdAt");
  const rows = await movements(tx, filter, readCursor(ctx, "movements", cursor)?.[0], limit + 1);
  return page(ctx, "movements", { rows, limit, key: (row) => [row.id], map: asMovement });
});

/** Levels, reservations and values as the ledger says they must be. */
export const verify = query<Contract, "verify">(async (tx) => ({ checks: await verifyStock(tx) }));

function asLevel({ storeId, variantId, onHand, reserved, incoming }: LevelRow) {
  return {
    storeId, variantId, onHand: thousandthsToQuantity(onHand), reserved: thousandthsToQuantity(reserved), available: thousandthsToQuantity(onHand - reserved), incoming: thousandthsToQuantity(incoming),
  };
}

function asMovement({ quantity, unitCostMinor, currency, ...row }: MovementRow) {
  return { ...row, quantity: thousandthsToQuantity(quantity), unitCost: { amount: unitCostMinor, currency } };
}

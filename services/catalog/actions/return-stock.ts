import type { Tx } from "../../../mixins/database.ts";
import { command, type Handler } from "../../../mixins/handlers.ts";
import type { catalogContract } from "../contract.ts";
import { inRounds } from "../domain/basket.ts";
import { keepDocument } from "../models/stock-documents.ts";
import { post, type PostedLine, type Posting } from "../models/stock.ts";
import { emitStock, refuseShortfall } from "./stock-outcome.ts";

type Contract = typeof catalogContract;

/** Takes returned goods back at the cost that they left with; what is not restocked moves nothing. Idempotent by documentId. Emits catalog.stockMoved.
 *  `costMinor` is the cost of the whole line. @throws not_found (404) */
export const returnStock: Handler = command<Contract, "returnStock">(async (tx, { documentId, storeId, lines }) => {
  const back = lines.filter((line) => line.restock && line.quantityThousandths > 0).map(({ variantId, quantityThousandths, costMinor }) => ({ variantId, quantityThousandths, valueMinor: costMinor }));
  await bookOnce(tx, { kind: "return", documentType: "return", documentId, storeId, lines: back });
  return {};
});

/** Books a goods receipt in at its cost. Idempotent by documentId. Emits catalog.stockMoved. @throws not_found (404) */
export const receiveStock: Handler = command<Contract, "receiveStock">(async (tx, { documentId, storeId, lines, at }) => {
  await bookOnce(tx, { kind: "receipt", documentType: "receipt", documentId, storeId, at, lines: lines.filter((line) => line.quantityThousandths !== 0) });
  return {};
});

async function bookOnce(tx: Tx, posting: Posting): Promise<void> {
  const isFirst = await keepDocument(tx, { type: posting.documentType, id: posting.documentId, storeId: posting.storeId, lines: posting.lines });
  if (isFirst) await book(tx, posting);
}

/** Books the lines of one document, any number of them on the same variant, and emits what happened.
 *  @throws not_found (404), out_of_stock (409) */
export async function book(tx: Tx, posting: Posting): Promise<void> {
  const moved = [], low = [];
  for (const round of inRounds<PostedLine>(posting.lines)) {
    const answer = await post(tx, { ...posting, lines: round });
    refuseShortfall(answer);
    moved.push(...answer.moved ?? []);
    low.push(...answer.low ?? []);
  }
  emitStock(tx, posting, { moved, low });
}

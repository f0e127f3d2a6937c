import type { ResultOf } from "../../../lib/contract.ts";
import { callAs, type IdempotencyClaim } from "../../../mixins/call.ts";
import type { SagaHost } from "../../../mixins/saga.ts";
import type { orderContract } from "../../order/contract.ts";
import { Zone } from "../domain/local-time.ts";
import type { Fields, Rejection } from "../domain/rows.ts";
import { DocumentGatherer, type SalesDocument } from "../domain/sales.ts";
import type { TakenImport } from "../models/imports.model.ts";

export type BatchResult = ResultOf<(typeof orderContract)["actions"]["importSales"]>;
/** Lines that are complete up to `doneLine`, and how they are handed to the service that owns them. */
export interface Batch { readonly doneLine: number; send(): Promise<BatchResult> }
export interface Batcher {
  add(line: number, fields: Fields): Rejection | undefined;
  readonly isFull: boolean;
  /** Takes what has gathered up to `line`; with `all` also what is still open. */
  take(line: number, all: boolean): Batch;
}

/** Twice as large saves a tenth of the time and holds other tenants up twice as long. */
const BATCH_LINES = 2_500;
const BATCH_DOCUMENTS = 2_000;
const BATCH_ROWS = 1_000;
const NOTHING: BatchResult = { imported: 0, skipped: 0, rejected: [] };

export function batcherFor(host: SagaHost, job: TakenImport): Batcher {
  const { currency } = job.context, storeId = job.storeId!;
  switch (job.type) {
    case "sales": return new SalesBatcher(host, job);
    case "products": return new RowBatcher(job, (rows, claim) => callAs(host, "catalog.importProducts", { rows: rows.map((row) => ({ currency, ...row })) as never }, claim));
    case "inventory": return new RowBatcher(job, (rows, claim) => callAs(host, "catalog.importInventory", { storeId, importKey: `${storeId}:${job.sha256}`, rows: rows as never }, claim));
    case "customers": return new RowBatcher(job, (rows, claim) => callAs(host, "order.importCustomers", { rows: rows as never }, claim));
    case "suppliers": return new RowBatcher(job, (rows, claim) => callAs(host, "purchasing.importSuppliers", { rows: rows as never }, claim));
  }
}

interface Row { readonly line: number }
type SendRows = (rows: Row[], claim: IdempotencyClaim) => Promise<BatchResult>;

/** Rows that mean nothing to each other. A batch that was done when its runner died is answered again as it was the first time, so that the counts are those
 *  of a run without a kill. The key is none that a client can send. */
class RowBatcher implements Batcher {
  readonly #job: TakenImport;
  readonly #send: SendRows;
  #rows: Row[] = [];

  constructor(job: TakenImport, send: SendRows) {
    this.#job = job;
    this.#send = send;
  }

  add(line: number, fields: Fields): undefined {
    if (line > this.#job.doneLine) this.#rows.push({ line, ...Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== "")) });
  }

  get isFull(): boolean {
    return this.#rows.length >= BATCH_ROWS;
  }

  take(line: number): Batch {
    const rows = this.#rows;
    this.#rows = [];
    const claim = { key: `import ${this.#job.id} ${rows[0]?.line}`, hash: "batch" };
    return { doneLine: line, send: () => (rows.length ? this.#send(rows, claim) : Promise.resolve(NOTHING)) };
  }
}

/** Lines of sales, gathered into whole documents. After a kill the file is read again from its start, so that documents fall as they fell before. */
class SalesBatcher implements Batcher {
  readonly #host: SagaHost;
  readonly #job: TakenImport;
  readonly #gatherer: DocumentGatherer;
  #documents: SalesDocument[] = [];
  #lines = 0;

  constructor(host: SagaHost, job: TakenImport) {
    this.#host = host;
    this.#job = job;
    this.#gatherer = new DocumentGatherer(new Zone(job.context.timezone), job.mapping.dateFormat);
  }

  add(line: number, fields: Fields): Rejection | undefined {
    const { rejection, closed } = this.#gatherer.add(line, fields);
    this.#keep(closed);
    return rejection;
  }

  get isFull(): boolean {
    return this.#lines >= BATCH_LINES || this.#documents.length >= BATCH_DOCUMENTS;
  }

  take(line: number, all: boolean): Batch {
    if (all) this.#keep(this.#gatherer.close());
    const documents = this.#documents, since = this.#gatherer.openSince;
    this.#documents = [];
    this.#lines = 0;
    const params = { storeId: this.#job.storeId!, importKey: this.#job.id, documents };
    return { doneLine: since === undefined ? line : since - 1, send: () => (documents.length ? callAs(this.#host, "order.importSales", params) : Promise.resolve(NOTHING)) };
  }

  #keep(document: SalesDocument | undefined): void {
    if (!document || document.lines.at(-1)!.line <= this.#job.doneLine) return;
    this.#documents.push(document);
    this.#lines += document.lines.length;
  }
}

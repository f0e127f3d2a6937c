import { refuse } from "../../../lib/errors.ts";
import { failpoint } from "../../../mixins/failpoint.ts";
import type { SagaHost } from "../../../mixins/saga.ts";
import { platformOf } from "../../../node/platform.ts";
import { emptyField, fieldsOf, placeFields, type Rejection } from "../domain/rows.ts";
import { checkpoint, readChunk, type TakenImport } from "../models/imports.model.ts";
import { batcherFor, type Batcher } from "./batches.ts";
import { openCsv, type CsvRecord } from "./read-file.ts";

/** Rejections that wait for their document to end; a file of nothing else must not fill the memory. */
const WAITING_MAX = 5_000;

/** Runs one import from its checkpoint to its end, a batch at a time: what a batch did and how far the file is done commit before the next begins.
 *  @throws a refusal for a file that cannot be read, or not to its end: what was checkpointed stays, and the mended file brings the rest; anything else is worth another try */
export async function runImport(host: SagaHost, job: TakenImport, signal: AbortSignal): Promise<void> {
  const run = new ImportRun(host, job);
  const file = openCsv(pieces(host, job.id), job.mapping.delimiter);
  try {
    for await (const record of file.records) {
      run.take(record);
      if (run.isDue) await run.checkpoint(false);
      if (signal.aborted) throw refuse.unavailable("The node stops", { reason: "stopping" });
    }
  } catch (error) {
    throw file.asRefusal(error);
  }
  await run.checkpoint(true);
}

async function* pieces(host: SagaHost, importId: string): AsyncIterable<string> {
  const database = platformOf(host.broker).database(host.service);
  for (let index = 0; ; index++) {
    const text = await database.inTenant(host.tenantId, (tx) => readChunk(tx, importId, index));
    if (text === undefined) return;
    yield text;
  }
}

class ImportRun {
  readonly #host: SagaHost;
  readonly #job: TakenImport;
  readonly #batcher: Batcher;
  #places: ReadonlyMap<string, number> | undefined;
  #width = 0;
  #line = 0;
  #waiting: Rejection[] = [];

  constructor(host: SagaHost, job: TakenImport) {
    this.#host = host;
    this.#job = job;
    this.#batcher = batcherFor(host, job);
  }

  reject(rejection: Rejection | undefined): void {
    if (rejection && rejection.line > this.#job.doneLine) this.#waiting.push(rejection);
  }

  take({ line, record }: CsvRecord): void {
    this.#line = line;
    if (!this.#places) return this.#header(record);
    if (record.length !== this.#width) return this.reject({ line, code: "wrong_column_count", message: `The row has ${record.length} columns, the header ${this.#width}` });
    const fields = fieldsOf(record, this.#places);
    const empty = emptyField(this.#job.type, fields);
    this.reject(empty ? { line, code: "missing_field", message: `${this.#job.mapping.columns[empty]} is empty` } : this.#batcher.add(line, fields));
  }

  get isDue(): boolean {
    return this.#batcher.isFull || this.#waiting.length >= WAITING_MAX;
  }

  /** Hands the batch over, then writes how far the file is done. A kill between the two repeats a batch that changes nothing. */
  async checkpoint(end: boolean): Promise<void> {
    const batch = this.#batcher.take(this.#line, end || this.#waiting.length >= WAITING_MAX);
    const doneLine = end ? Math.max(this.#line, batch.doneLine) : batch.doneLine;
    const result = await batch.send();
    failpoint(`workflow.import.${this.#job.type}:sent`);
    const due = this.#waiting.filter((rejection) => end || rejection.line <= doneLine);
    this.#waiting = end ? [] : this.#waiting.filter((rejection) => rejection.line > doneLine);
    await this.#write({ line: Math.max(doneLine, this.#job.doneLine), imported: result.imported, skipped: result.skipped, rejections: [...due, ...result.rejected] });
  }

  async #write(done: { line: number; imported: number; skipped: number; rejections: Rejection[] }): Promise<void> {
    const owned = await platformOf(this.#host.broker).database("workflow").inTenant(this.#host.tenantId, (tx) => checkpoint(tx, this.#job, done));
    if (!owned) throw refuse.unavailable("Another node has taken this import over", { reason: "fenced" });
    this.#job.doneLine = done.line;
    this.#job.rejected += done.rejections.length;
    this.#job.attempts = 0;
  }

  #header(record: readonly string[]): void {
    const { places, missing } = placeFields(this.#job.type, this.#job.mapping.columns, record);
    if (missing.length) throw refuse.invalid_request(`The file has no column ${missing.join(", ")}: its header is ${record.join(", ").slice(0, 500)}`);
    this.#places = places;
    this.#width = record.length;
  }
}

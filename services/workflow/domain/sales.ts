import type { ParamsOf } from "../../../lib/contract.ts";
import { numeral } from "../../../lib/numeral.ts";
import type { orderContract } from "../../order/contract.ts";
import { readLocalTime, type LocalTime, type Zone } from "./local-time.ts";
import type { DateFormat } from "./mappings.ts";
import type { Fields, Rejection } from "./rows.ts";

export type SalesDocument = ParamsOf<(typeof orderContract)["actions"]["importSales"]>["documents"][number];

/** One document of a file; more is a file without document numbers. The largest invoice of the UCI year has 1,114 lines. */
export const DOCUMENT_LINES_MAX = 5_000;
const QUANTITY = /^-?\d{1,9}(\.\d{1,3}0*)?$/;
const PRICE = /^-?\d{1,12}(\.\d{1,4}0*)?$/;

/** Gathers lines into documents. Lines of one document stand together; the last document stays open until another begins. */
export class DocumentGatherer {
  readonly #zone: Zone;
  readonly #dateFormat: DateFormat;
  readonly #closed = new Set<string>();
  #open: SalesDocument | undefined;

  constructor(zone: Zone, dateFormat: DateFormat) {
    this.#zone = zone;
    this.#dateFormat = dateFormat;
  }

  /** @returns the rejection of the line, or the document that it closed */
  add(line: number, given: Fields): { rejection?: Rejection; closed?: SalesDocument } {
    const fields: Fields = { ...given, quantity: numeral(given.quantity!), unitPrice: numeral(given.unitPrice!) };
    const fault = this.#fault(fields);
    if (fault) return { rejection: { line, ...fault } };
    const time = readLocalTime(fields.at!, this.#dateFormat, this.#zone);
    if (!time) return { rejection: { line, code: "invalid_date", message: `${show(fields.at!)} is no time` } };
    const closed = this.#open && this.#open.number !== fields.number ? this.close() : undefined;
    this.#open ??= begin(fields, time);
    this.#open.lines.push({ line, sku: fields.sku!, name: fields.name ?? "", quantity: fields.quantity!, unitPrice: fields.unitPrice! });
    return closed ? { closed } : {};
  }

  /** Ends the open document: at the end of the file, or when another begins. */
  close(): SalesDocument | undefined {
    const document = this.#open;
    if (document) this.#closed.add(document.number);
    this.#open = undefined;
    return document;
  }

  /** Where the open document begins: what stands before it is complete. */
  get openSince(): number | undefined {
    return this.#open?.lines[0]!.line;
  }

  #fault(fields: Fields): Omit<Rejection, "line"> | undefined {
    const { number, quantity, unitPrice } = fields as { number: string; quantity: string; unitPrice: string };
    if (number.length > 100) return { code: "invalid_number", message: "The document number has more than 100 characters" };
    if (fields.sku!.length > 100) return { code: "invalid_sku", message: "The SKU has more than 100 characters" };
    if (!QUANTITY.test(quantity) || Number(quantity) === 0) return { code: "invalid_quantity", message: `${show(quantity)} is no quantity with at most 3 decimals` };
    if (!PRICE.test(unitPrice)) return { code: "invalid_price", message: `${show(unitPrice)} is no price with at most 4 decimals` };
    if (Number(unitPrice) < 0) return { code: "negative_price", message: `The price ${show(unitPrice)} is negative` };
    if (this.#closed.has(number)) return { code: "document_split", message: `Lines of document ${show(number)} stand elsewhere in the file: keep them together` };
    if (this.#open?.number === number && this.#open.lines.length >= DOCUMENT_LINES_MAX) return { code: "document_too_long", message: `A document has at most ${DOCUMENT_LINES_MAX} lines` };
    return undefined;
  }
}

function begin(fields: Fields, time: LocalTime): SalesDocument {
  return { number: fields.number!, ...time, customer: fields.customer?.slice(0, 200) || null, country: fields.country?.slice(0, 100) || null, lines: [] };
}

const show = (value: string): string => JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value);

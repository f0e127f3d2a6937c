import PDFDocument from "pdfkit";
import { refuse } from "../../../lib/errors.ts";
import type { Ctx } from "../../../mixins/call.ts";
import { handler, inTenant } from "../../../mixins/handlers.ts";
import type { orderContract } from "../contract.ts";
import { businessTime } from "../domain/business-time.ts";
import { RECEIPT_COLUMNS, receiptLines } from "../domain/receipt.ts";
import { readOrderRow } from "../models/orders.ts";

type Contract = typeof orderContract;

/** The receipt in 42 columns. Permission: order.orders.read. @throws not_found */
export const receiptText = handler<Contract, "receiptText">(async ({ id }, ctx) => {
  const { number, lines } = await receiptOf(ctx, id);
  return { contentType: "text/plain; charset=utf-8", filename: `${number}.txt`, body: `${lines.join("\n")}\n`, encoding: "utf8" };
});

/** The same receipt on a strip of paper 80 mm wide. Permission: order.orders.read. @throws not_found */
export const receiptPdf = handler<Contract, "receiptPdf">(async ({ id }, ctx) => {
  const { number, lines } = await receiptOf(ctx, id);
  return { contentType: "application/pdf", filename: `${number}.pdf`, body: (await pdfOf(lines, number)).toString("base64"), encoding: "base64" };
});

async function receiptOf(ctx: Ctx, id: string): Promise<{ number: string; lines: string[] }> {
  const row = await inTenant(ctx, (tx) => readOrderRow(tx, id));
  if (!row) throw refuse.not_found();
  const { document, context } = row;
  const { businessDay: day, clock } = businessTime(document.placedAt, context.timezone);
  return { number: document.number, lines: receiptLines(document, { ...context, day, clock }) };
}

const WIDTH_PT = 226.8, MARGIN_PT = 12, LEADING = 1.2, COURIER_WIDTH = 0.6;
const FONT_PT = (WIDTH_PT - 2 * MARGIN_PT) / (RECEIPT_COLUMNS * COURIER_WIDTH);

function pdfOf(lines: readonly string[], title: string): Promise<Buffer> {
  const height = 2 * MARGIN_PT + (lines.length + 1) * FONT_PT * LEADING;
  const pdf = new PDFDocument({ size: [WIDTH_PT, height], margin: MARGIN_PT, info: { Title: title } });
  const chunks: Buffer[] = [];
  return new Promise((resolve, reject) => {
    pdf.on("data", (chunk: Buffer) => chunks.push(chunk)).on("end", () => resolve(Buffer.concat(chunks))).on("error", reject);
    pdf.font("Courier").fontSize(FONT_PT);
    for (const [index, line] of lines.entries()) pdf.text(line, MARGIN_PT, MARGIN_PT + index * FONT_PT * LEADING, { lineBreak: false });
    pdf.end();
  });
}

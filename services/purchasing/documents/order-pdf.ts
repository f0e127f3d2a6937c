import { format, money } from "../../../lib/money.ts";
import { thousandthsToQuantity } from "../../../lib/quantity.ts";
import type { LineRow, OrderRow } from "../models/orders.ts";

type Pdf = PDFKit.PDFDocument;
export interface Parties { readonly buyer: string; readonly store: string; readonly supplierEmail: string | null }

const MARGIN = 48, ROW_HEIGHT = 18, FOOT = 60;
/** Left edge and width of SKU, name, quantity, unit cost and total on A4. */
const COLUMNS = [[48, 80], [132, 190], [326, 50], [380, 80], [464, 83]] as const;
const HEADERS = ["SKU", "Article", "Quantity", "Unit cost", "Total"];
const NUMBERS_FROM = 2;

/** The purchase order on A4, as the supplier gets it. */
export async function orderPdf(order: OrderRow, parties: Parties): Promise<Buffer> {
  // Loaded with the first document: a node that prints nothing keeps the fonts out of its memory.
  const { default: PDFDocument } = await import("pdfkit");
  const pdf = new PDFDocument({ size: "A4", margin: MARGIN, info: { Title: order.number, Creator: "BeaverOS", CreationDate: new Date(order.createdAt) } });
  const done = collect(pdf);
  head(pdf, order, parties);
  const end = order.lines.reduce((y, line) => row(pdf, cells(line, order.currency), y), row(pdf, HEADERS, pdf.y + 24, "Helvetica-Bold"));
  row(pdf, ["", "", "", "Total", format(money(order.totalMinor, order.currency))], end + 6, "Helvetica-Bold");
  if (order.notes) pdf.moveDown(2).font("Helvetica").text(printable(order.notes), MARGIN);
  pdf.end();
  return done;
}

function collect(pdf: Pdf): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    pdf.on("data", (chunk: Buffer) => chunks.push(chunk)).on("end", () => resolve(Buffer.concat(chunks))).on("error", reject);
  });
}

function head(pdf: Pdf, order: OrderRow, { buyer, store, supplierEmail }: Parties): void {
  pdf.font("Helvetica-Bold").fontSize(18).text(`Purchase order ${order.number}`);
  pdf.font("Helvetica").fontSize(10).moveDown(0.5);
  const facts = [
    ["From", `${buyer}, ${store}`], ["To", [order.supplierName, supplierEmail].filter(Boolean).join(", ")], ["Date", (order.sentAt ?? order.createdAt).slice(0, 10)],
    ["Expected", order.expectedAt?.slice(0, 10)], ["Status", order.status],
  ] as const;
  for (const [label, value] of facts) if (value) pdf.text(`${label}: ${printable(value)}`);
}

const cells = (line: LineRow, currency: string): string[] => [
  line.sku, line.name, String(thousandthsToQuantity(line.quantity)), format(money(line.unitCostMinor, currency)), format(money(line.totalMinor, currency)),
];

/** @returns where the next row stands: on a new page when this one is full */
function row(pdf: Pdf, texts: readonly string[], y: number, font = "Helvetica"): number {
  if (y + ROW_HEIGHT > pdf.page.height - FOOT) {
    pdf.addPage();
    return row(pdf, texts, MARGIN, font);
  }
  pdf.font(font).fontSize(9);
  for (const [index, text] of texts.entries()) {
    const [x, width] = COLUMNS[index]!;
    pdf.text(printable(text), x, y, { width, height: ROW_HEIGHT - 4, ellipsis: true, lineBreak: true, align: index < NUMBERS_FROM ? "left" : "right" });
  }
  return y + ROW_HEIGHT;
}

/** The built-in fonts know Latin-1: anything else would print as garbage, so it prints as a question mark. */
const printable = (text: string): string => text.replaceAll(/[^\x20-\x7e\xa0-\xff\n]/gu, "?");

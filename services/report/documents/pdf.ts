import type { Table } from "../domain/table.ts";

type Pdf = PDFKit.PDFDocument;
interface Layout { readonly left: number; readonly bottom: number; readonly widths: readonly number[]; readonly size: number }

/** A document longer than this is read by nobody; the CSV holds every row. About 40 rows stand on a page. */
const ROWS_MAX = 5_000;
const MARGIN = 40, ROW_HEIGHT = 16, FOOTER_HEIGHT = 30;
const NUMBER_WIDTH = 74, KEY_WIDTH = 70, KEY_MAX = 10;

/** The report as a table on A4: title and period on top, totals below, page numbers at the foot. */
export async function pdfOf(table: Table, filename: string): Promise<{ contentType: string; filename: string; body: string; encoding: "base64" }> {
  // Loaded at the first report: a node that prints nothing keeps the fonts and the compressor out of its memory.
  const { default: PDFDocument } = await import("pdfkit");
  const wide = table.headers.length > 7;
  const pdf = new PDFDocument({ size: "A4", layout: wide ? "landscape" : "portrait", margin: MARGIN, bufferPages: true, info: { Title: table.title, Creator: "BeaverOS" } });
  const done = collect(pdf);
  write(pdf, table);
  pdf.end();
  return { contentType: "application/pdf", filename, body: (await done).toString("base64"), encoding: "base64" };
}

function collect(pdf: Pdf): Promise<Buffer> {
  return new Promise((done, failed) => {
    const chunks: Buffer[] = [];
    pdf.on("data", (chunk: Buffer) => chunks.push(chunk));
    pdf.on("end", () => done(Buffer.concat(chunks)));
    pdf.on("error", failed);
  });
}

function write(pdf: Pdf, table: Table): void {
  const layout = layoutOf(pdf, table);
  pdf.font("Helvetica-Bold").fontSize(16).text(printable(table.title), MARGIN, MARGIN);
  pdf.font("Helvetica").fontSize(9).fillColor("#555555").text(`${table.period}   ·   amounts in ${table.currency}   ·   as of ${table.asOf}`).fillColor("black");
  let y = header(pdf, table, layout, pdf.y + 12);
  const shown = table.rows.slice(0, ROWS_MAX);
  for (const [index, row] of shown.entries()) {
    if (y + ROW_HEIGHT > layout.bottom) y = nextPage(pdf, table, layout);
    if (index % 2) pdf.rect(layout.left, y - 3, sum(layout.widths), ROW_HEIGHT).fill("#f4f4f4").fillColor("black");
    line(pdf, table, layout, row, y);
    y += ROW_HEIGHT;
  }
  if (y + 3 * ROW_HEIGHT > layout.bottom) y = nextPage(pdf, table, layout);
  rule(pdf, layout, y - 2);
  pdf.font("Helvetica-Bold");
  line(pdf, table, layout, table.totals, y + 3);
  pdf.font("Helvetica");
  if (shown.length < table.rows.length) pdf.text(`The first ${shown.length} of ${table.rows.length} rows; the CSV holds all of them. The totals are of all.`, layout.left, y + 2 * ROW_HEIGHT, { lineBreak: false });
  numberPages(pdf);
}

/** Numbers have one width, the label takes the rest. */
function layoutOf(pdf: Pdf, table: Table): Layout {
  const inner = pdf.page.width - 2 * MARGIN;
  const numbers = table.headers.length - table.textColumns;
  const numberWidth = Math.min(NUMBER_WIDTH, (inner * 0.7) / numbers);
  const texts = Array.from({ length: table.textColumns }, () => KEY_WIDTH);
  texts[1] = inner - numbers * numberWidth - KEY_WIDTH * (table.textColumns - 1);
  return { left: MARGIN, bottom: pdf.page.height - MARGIN - FOOTER_HEIGHT, widths: [...texts, ...Array.from({ length: numbers }, () => numberWidth)], size: 8.5 };
}

function nextPage(pdf: Pdf, table: Table, layout: Layout): number {
  pdf.addPage();
  return header(pdf, table, layout, MARGIN);
}

function header(pdf: Pdf, table: Table, layout: Layout, y: number): number {
  pdf.font("Helvetica-Bold");
  line(pdf, table, layout, table.headers.map(heading), y);
  pdf.font("Helvetica");
  rule(pdf, layout, y + ROW_HEIGHT - 3);
  return y + ROW_HEIGHT + 3;
}

/** `marginPercent` → `margin percent` */
const heading = (field: string): string => field.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);

function line(pdf: Pdf, table: Table, layout: Layout, cells: readonly string[], y: number): void {
  let x = layout.left;
  pdf.fontSize(layout.size);
  for (const [index, cell] of cells.entries()) {
    const width = layout.widths[index]! - 6;
    const isText = index < table.textColumns;
    const text = fit(pdf, printable(index === 0 ? shortKey(cell) : cell), width);
    pdf.text(text, isText ? x : x + layout.widths[index]! - pdf.widthOfString(text), y, { lineBreak: false });
    x += layout.widths[index]!;
  }
}

/** An id is known by its end here; in full it stands in the CSV. */
const shortKey = (key: string): string => (/^[0-9a-f-]{36}$/.test(key) ? `…${key.slice(-KEY_MAX)}` : key);

function fit(pdf: Pdf, text: string, width: number): string {
  if (pdf.widthOfString(text) <= width) return text;
  let end = text.length;
  while (end > 1 && pdf.widthOfString(`${text.slice(0, end)}…`) > width) end--;
  return `${text.slice(0, end)}…`;
}

/** The standard fonts know Western European letters; what they lack is shown as ? instead of a wrong letter. */
const printable = (text: string): string => text.replaceAll(/[^\u0020-\u007e\u00a0-\u00ff€…–—‘’“”•™]/g, "?");

function rule(pdf: Pdf, layout: Layout, y: number): void {
  pdf.moveTo(layout.left, y).lineTo(layout.left + sum(layout.widths), y).lineWidth(0.7).strokeColor("#333333").stroke();
}

function numberPages(pdf: Pdf): void {
  const { count } = pdf.bufferedPageRange();
  for (let page = 0; page < count; page++) {
    pdf.switchToPage(page);
    // Below the margin pdfkit would open a page of its own.
    pdf.page.margins.bottom = 0;
    pdf.fontSize(8).fillColor("#555555").text(`Page ${page + 1} of ${count}`, MARGIN, pdf.page.height - MARGIN, { width: pdf.page.width - 2 * MARGIN, align: "right", lineBreak: false });
  }
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

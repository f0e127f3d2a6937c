import { request } from "node:http";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import { openShop, type Client } from "../../scripts/client.ts";
import { endOf, importFile, sendFile } from "../support/imports.ts";
import { startTestPlatform, type TestPlatform } from "../support/platform.ts";
import { until } from "../support/until.ts";

let platform: TestPlatform, client: Client, storeId: string;
beforeAll(async () => { platform = await startTestPlatform(); }, 60_000);
afterAll(() => platform.stop());
beforeEach(async () => { ({ client, storeId } = await openShop(platform.baseUrl, { name: "Alder" })); });

const GOOD = "sku,name,price\nMUG,Mug,10.99\nCUP,Cup,5\n";
const skus = async () => (await client.get("/v1/products?limit=200")).data.map((product: any) => product.variants[0].sku).sort();
const jobs = async () => (await client.get("/v1/imports")).data as Record<string, any>[];
/** Of uploads that did not become an import. */
const leftovers = () => platform.sql("SELECT 1 FROM workflow.import_job WHERE status = 'receiving' UNION ALL SELECT 1 FROM workflow.import_chunk c WHERE NOT EXISTS (SELECT 1 FROM workflow.import_job j WHERE j.id = c.import_id AND j.status IN ('queued', 'running'))");

describe("a file that is no CSV in UTF-8", () => {
  const latin = Buffer.concat([Buffer.from("sku,name,price\n"), Buffer.from("MUG,Caf\xe9,1\n", "latin1")]);
  it.each<[string, Buffer | string, string, Record<string, string>, number, string]>([
    ["nothing at all", "", "type=products", {}, 400, "invalid_request"],
    ["Latin-1", latin, "type=products", {}, 400, "invalid_request"],
    ["Latin-1 after a megabyte that was good", Buffer.concat([Buffer.from(`sku,name,price\n${"MUG,Mug,1\n".repeat(100_000)}`), latin]), "type=products", {}, 400, "invalid_request"],
    ["UTF-16", Buffer.from(`\ufeff${GOOD}`, "utf16le"), "type=products", {}, 400, "invalid_request"],
    ["a character that is cut in two at the end", Buffer.from(GOOD + "é").subarray(0, -1), "type=products", {}, 400, "invalid_request"],
    ["NUL characters", "sku,name,price\nMUG,M\0g,1\n", "type=products", {}, 400, "invalid_request"],
    ["gzip", Buffer.from("1f8b0800", "hex"), "type=products", { "content-encoding": "gzip" }, 415, "unsupported_media_type"],
    ["JSON", "{}", "type=products", { "content-type": "application/json" }, 415, "unsupported_media_type"],
    ["another charset", GOOD, "type=products", { "content-type": "text/csv; charset=iso-8859-1" }, 415, "unsupported_media_type"],
    ["no type", GOOD, "", {}, 400, "invalid_request"],
    ["a type that there is not", GOOD, "type=unicorns", {}, 400, "invalid_request"],
    ["an unknown parameter", GOOD, "type=products&colour=red", {}, 400, "invalid_request"],
    ["a delimiter of two characters", GOOD, "type=products&delimiter=%3B%3B", {}, 400, "invalid_request"],
    ["stock without a store", "sku,quantity\nMUG,1\n", "type=inventory", {}, 422, "store_required"],
    ["a store that there is not", "sku,quantity\nMUG,1\n", "type=inventory&storeId=0190a6f0-0000-7000-8000-000000000001", {}, 404, "not_found"],
    ["a mapping that there is not", GOOD, "type=products&mapping=mine", {}, 404, "not_found"],
    ["a mapping of another type", GOOD, "type=products&mapping=onlineRetail", {}, 404, "not_found"],
  ])("is refused: %s", async (_, file, query, headers, status, code) => {
    const answer = await sendFile(client, query, file, headers);
    expect([answer.status, answer.body.code, answer.headers.get("content-type")]).toEqual([status, code, "application/problem+json; charset=utf-8"]);
    expect([await jobs(), await skus(), await leftovers()]).toEqual([[], [], []]);
  });

  it("of more than 64 MiB is refused before it is sent", async () => {
    expect(await announced(64 * 1024 * 1024 + 1)).toBe(413);
    expect([await jobs(), await leftovers()]).toEqual([[], []]);
  });

  it("that breaks off leaves nothing", async () => {
    const sending = request(`${client.base}/v1/imports?type=products`, { method: "POST", headers: { authorization: `Bearer ${client.token}`, "content-type": "text/csv", "content-length": 10_000_000 } });
    sending.on("error", () => undefined);
    sending.write(GOOD.repeat(20_000));
    await until(async () => (await leftovers()).length > 0);
    sending.destroy();
    await until(async () => (await leftovers()).length === 0);
    expect(await jobs()).toEqual([]);
  });
});

/** The answer to a request that says how long it is and sends nothing. */
function announced(bytes: number): Promise<number> {
  return new Promise((answered, failed) => {
    const sending = request(`${client.base}/v1/imports?type=products`, { method: "POST", headers: { authorization: `Bearer ${client.token}`, "content-type": "text/csv", "content-length": bytes } }, (res) => { answered(res.statusCode!); sending.destroy(); });
    sending.on("error", failed);
    sending.flushHeaders();
  });
}

describe("a file with broken lines", () => {
  it.each<[string, string, string[], [number, string][]]>([
    ["too few and too many columns", "sku,name,price\nMUG,Mug\nCUP,Cup,5\nJUG,Jug,3,4\n", ["CUP"], [[2, "wrong_column_count"], [4, "wrong_column_count"]]],
    ["a quote inside a field", 'sku,name,price\nMUG,Mug 10" high,1\nCUP,Cup,5\n', ["CUP", "MUG"], []],
    ["empty fields that are required", "sku,name,price\n,Mug,1\nCUP,,5\nJUG,Jug,\n", ["JUG"], [[2, "missing_field"], [3, "missing_field"]]],
    ["numbers that are none", "sku,name,price\nA,A,1e3\nB,B,-1\nC,C,1.999\nD,D,99999999999999999999\nE,E,free\nF,F,.5\n", ["F"], [2, 3, 4, 5, 6].map((line) => [line, "invalid_price"])],
    ["formulas and markup, which stay text", "sku,name,price\n=1+1,<b>Mug</b>,1\n'; DROP TABLE variant; --,\"a, b\",2\n", ["'; DROP TABLE variant; --", "=1+1"], []],
  ])("imports the others and names each: %s", async (_, file, taken, rejected) => {
    const job = await importFile(client, "type=products", file);
    expect(job.rejected.map(({ line, code }: any) => [line, code])).toEqual(rejected);
    expect(job).toMatchObject({ status: "completed", message: null, counts: { imported: taken.length, rejected: rejected.length, skipped: 0, rows: taken.length + rejected.length } });
    expect(await skus()).toEqual(taken);
  });

  it.each<[string, string, string[]]>([
    ["a byte order mark", `\ufeff${GOOD}`, ["CUP", "MUG"]],
    ["line ends of Windows", GOOD.replaceAll("\n", "\r\n"), ["CUP", "MUG"]],
    ["line ends of old Macs", GOOD.replaceAll("\n", "\r"), ["CUP", "MUG"]],
    ["no line end at its end", GOOD.trimEnd(), ["CUP", "MUG"]],
    ["empty lines", GOOD.replaceAll("\n", "\n\n"), ["CUP", "MUG"]],
    ["its columns in another order, and more of them", "colour,price,name,sku\nred,1,Mug,MUG\n", ["MUG"]],
    ["blanks around its column names", "sku , name, price\nMUG,Mug,1\n", ["MUG"]],
    ["nothing but its header", "sku,name,price\n", []],
  ])("is read with %s", async (_, file, taken) => {
    expect(await importFile(client, "type=products", file)).toMatchObject({ status: "completed", counts: { imported: taken.length, rejected: 0 } });
    expect(await skus()).toEqual(taken);
  });

  it("fails as a whole, in words, when a required column is not there", async () => {
    expect(await importFile(client, "type=products", "article,name,price\nMUG,Mug,1\n")).toMatchObject({ status: "failed", message: "The file has no column sku: its header is article, name, price", counts: { rows: 0 }, finishedAt: expect.any(String) });
    expect(await importFile(client, "type=products&delimiter=%3B", GOOD)).toMatchObject({ status: "failed", message: expect.stringContaining("The file has no column sku, name") });
    expect([await skus(), await leftovers()]).toEqual([[], []]);
  });

  it.each<[string, string, string]>([
    ["a quote that is never closed", 'sku,name,price\nMUG,Mug,1\n\nCUP,"Cup,5\nJUG,Jug,3\n', "The row that begins at line 3 opens a quote and never closes it"],
    ["a quote that swallows more than a row can be", `sku,name,price\nMUG,Mug,1\nCUP,"Cup,5\n${"JUG,Jug,3\n".repeat(30_000)}`, "The row that begins at line 3 has more than 100000 characters: perhaps it opens a quote and never closes it"],
    ["a header that never ends", `"sku,name,price\n${"MUG,Mug,1\n".repeat(30_000)}`, "The row that begins at line 1 has more than 100000 characters: perhaps it opens a quote and never closes it"],
  ])("fails as a whole with %s, because nobody can say where its rows end", async (_, file, message) => {
    expect(await importFile(client, "type=products", file)).toMatchObject({ status: "failed", message, counts: { rows: 0, imported: 0 } });
    expect([await skus(), await leftovers()]).toEqual([[], []]);
  });

  it("brings what stands before the break, and the mended file the rest", async () => {
    const rows = Array.from({ length: 2_500 }, (_, n) => `SKU-${n},Name,1\n`);
    expect(await importFile(client, "type=products", `sku,name,price\n${rows.join("")}LAST,"Last,1\n`)).toMatchObject({ status: "failed", message: expect.stringContaining("line 2502"), counts: { rows: 2_000, imported: 2_000 } });
    expect(await importFile(client, "type=products", `sku,name,price\n${rows.join("")}LAST,"Last",1\n`)).toMatchObject({ status: "completed", counts: { rows: 2_501, imported: 501, skipped: 2_000 } });
  });

  it("of sales: each fault has its own code, and the rest is sold", async () => {
    const rows = [
      "1,A,Good,2,2010-12-01 08:26:00,2.55", "2,A,Zero,0,2010-12-01 08:26:00,2.55", "3,A,Word,two,2010-12-01 08:26:00,2.55", "4,A,Thousandths,1.0005,2010-12-01 08:26:00,2.55", "5,A,Negative,1,2010-12-01 08:26:00,-2.55",
      "6,A,Price,1,2010-12-01 08:26:00,cheap", "7,A,No such day,1,2010-02-30 08:26:00,2.55", "8,A,No time,1,yesterday,2.55", "11,A,Other,1,2010-12-01 08:27:00,1", "1,A,Split,1,2010-12-01 08:26:00,2.55", "9,A,Huge,999999999,2010-12-01 08:26:00,999999999999", "10,A,Half,.5,2010-12-01 08:26:00,.5", ",A,No number,1,2010-12-01 08:26:00,1",
    ];
    const job = await importFile(client, `type=sales&storeId=${storeId}`, ["InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice", ...rows].join("\n"));
    expect(job.rejected.map(({ line, code }: any) => [line, code])).toEqual([
      [3, "invalid_quantity"], [4, "invalid_quantity"], [5, "invalid_quantity"], [6, "negative_price"], [7, "invalid_price"], [8, "invalid_date"], [9, "invalid_date"], [11, "document_split"], [12, "amount_out_of_range"], [14, "missing_field"],
    ]);
    expect(job).toMatchObject({ status: "completed", counts: { rows: 13, imported: 3, rejected: 10, skipped: 0 } });
    await platform.quiesce();
    expect((await client.get("/v1/reports/sales?from=2010-12-01&to=2010-12-01&groupBy=day")).totals).toMatchObject({ total: { amount: 510 + 100 + 25 }, units: 3.5 });
  });
});

describe("a file with an idempotency key", () => {
  it("is imported once, and answered the same again", async () => {
    const first = await sendFile(client, "type=products", GOOD, { "idempotency-key": "spring" });
    await endOf(client, first.body.id);
    const again = await sendFile(client, "type=products", GOOD, { "idempotency-key": "spring" });
    expect([again.status, again.body, again.headers.get("idempotent-replayed")]).toEqual([202, first.body, "true"]);
    expect([(await jobs()).length, await leftovers()]).toEqual([1, []]);
  });

  it("is another request with other bytes or other parameters", async () => {
    const { body } = await sendFile(client, "type=products", GOOD, { "idempotency-key": "spring" });
    await endOf(client, body.id);
    expect(await sendFile(client, "type=products", `${GOOD}JUG,Jug,3\n`, { "idempotency-key": "spring" })).toMatchObject({ status: 422, body: { code: "idempotency_key_reused" } });
    expect(await sendFile(client, "type=suppliers", GOOD, { "idempotency-key": "spring" })).toMatchObject({ status: 422, body: { code: "idempotency_key_reused" } });
    expect([(await jobs()).length, await skus(), await leftovers()]).toEqual([1, ["CUP", "MUG"], []]);
  });

  it("that was refused halfway may come mended under the same key: nothing of the first remains", async () => {
    const long = "sku,name,price\n" + Array.from({ length: 60_000 }, (_, n) => `OLD-${n},Old,1\n`).join("");
    expect(await sendFile(client, "type=products", Buffer.concat([Buffer.from(long), Buffer.from([0xff])]), { "idempotency-key": "spring" })).toMatchObject({ status: 400 });
    const { body, status } = await sendFile(client, "type=products", GOOD, { "idempotency-key": "spring" });
    expect(status).toBe(202);
    expect(await endOf(client, body.id)).toMatchObject({ status: "completed", counts: { rows: 2, imported: 2 } });
    expect(await skus()).toEqual(["CUP", "MUG"]);
  });
});

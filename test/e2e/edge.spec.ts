import { createHash, createHmac } from "node:crypto";
import { request } from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { newId } from "../../lib/ids.ts";
import { openShop, type Client } from "../../scripts/client.ts";
import { startTestPlatform, type TestPlatform } from "../support/platform.ts";

type Json = Record<string, any>;
interface Sent { status: number; headers: Headers; text: string; json: Json }

let platform: TestPlatform, alder: Client, birch: Client;
beforeAll(async () => {
  platform = await startTestPlatform({ services: ["auth", "entity", "catalog", "api"] });
  alder = (await openShop(platform.baseUrl, { name: "Alder" })).client;
  birch = (await openShop(platform.baseUrl, { name: "Birch" })).client;
}, 60_000);
afterAll(() => platform.stop());

async function send(method: string, path: string, body?: string | Buffer, headers: Record<string, string> = {}, client: Client | null = alder): Promise<Sent> {
  const response = await fetch(platform.baseUrl + path, {
    method, headers: { ...(body === undefined ? {} : { "content-type": "application/json" }), ...(client ? { authorization: `Bearer ${client.token}` } : {}), ...headers }, ...(body === undefined ? {} : { body: body as string }),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, json: /json/.test(response.headers.get("content-type") ?? "") && text ? JSON.parse(text) as Json : {} };
}
const post = (path: string, body: unknown, headers?: Record<string, string>) => send("POST", path, JSON.stringify(body), headers);

function expectProblem(answer: Sent, status: number, code: string): void {
  expect([answer.status, answer.json.code, answer.headers.get("content-type")]).toEqual([status, code, "application/problem+json; charset=utf-8"]);
  expect(answer.json).toMatchObject({ type: `/docs/errors#${code}`, status, title: expect.any(String), detail: expect.any(String), requestId: answer.headers.get("x-request-id") });
  expect(answer.text).not.toMatch(/SELECT|\.ts:|node_modules|constraint|nodeID/);
}
const everything = () => platform.sql<{ n: string }>("SELECT (SELECT count(*) FROM catalog.category) || ' ' || (SELECT sum(version) FROM entity.store) || ' ' || (SELECT count(*) FROM auth.idempotency_key) AS n");

const lone = String.raw`{"name":"\ud800"}`;
const deep = `{"name":"Mugs","metadata":${"[".repeat(40)}${"]".repeat(40)}}`;
const BAD: readonly [string, string, string, string | undefined, Record<string, string>, number, string][] = [
  ["broken JSON", "POST", "/v1/categories", '{"name":', {}, 400, "malformed_json"],
  ["a body that is not UTF-8", "POST", "/v1/categories", "latin1", {}, 400, "malformed_json"],
  ["a JSON array", "POST", "/v1/categories", "[]", {}, 400, "invalid_request"],
  ["an unknown field", "POST", "/v1/categories", '{"name":"Mugs","colour":"red"}', {}, 400, "invalid_request"],
  ["a tenant of the client's choice", "POST", "/v1/categories", '{"name":"Mugs","tenantId":"x"}', {}, 400, "invalid_request"],
  ["a wrong type", "POST", "/v1/categories", '{"name":7}', {}, 400, "invalid_request"],
  ["no body where fields are required", "POST", "/v1/categories", undefined, {}, 400, "invalid_request"],
  ["NUL in a text", "POST", "/v1/categories", String.raw`{"name":"a\u0000b"}`, {}, 400, "invalid_request"],
  ["a lone surrogate", "POST", "/v1/categories", lone, {}, 400, "invalid_request"],
  ["a number beyond all bounds", "POST", "/v1/tax-rates", '{"name":"VAT","percent":1e309}', {}, 400, "invalid_request"],
  ["too many decimals", "POST", "/v1/tax-rates", '{"name":"VAT","percent":8.87512345}', {}, 400, "invalid_request"],
  ["deep nesting", "POST", "/v1/categories", deep, {}, 400, "invalid_request"],
  ["__proto__", "POST", "/v1/categories", '{"name":"Mugs","__proto__":{"parentId":null}}', {}, 400, "invalid_request"],
  ["constructor", "POST", "/v1/categories", '{"name":"Mugs","constructor":{"prototype":{}}}', {}, 400, "invalid_request"],
  ["__proto__ in escapes", "POST", "/v1/categories", String.raw`{"name":"Mugs","metadata":{"__pr\u006fto__":"x"}}`, {}, 400, "invalid_request"],
  ["a query that repeats the body", "POST", "/v1/categories?name=Cups", '{"name":"Mugs"}', {}, 400, "invalid_request"],
  ["a body that repeats the path", "PATCH", `/v1/categories/${newId()}`, `{"id":"${newId()}","name":"Mugs"}`, {}, 400, "invalid_request"],
  ["an unknown filter", "GET", "/v1/categories?colour=red", undefined, {}, 400, "invalid_request"],
  ["a filter given twice", "GET", "/v1/categories?limit=1&limit=2", undefined, {}, 400, "invalid_request"],
  ["a limit in hexadecimal", "GET", "/v1/categories?limit=0x10", undefined, {}, 400, "invalid_request"],
  ["an empty limit", "GET", "/v1/categories?limit=", undefined, {}, 400, "invalid_request"],
  ["NUL in the query", "GET", "/v1/categories?sort=%00", undefined, {}, 400, "invalid_request"],
  ["a broken percent-encoding in the query", "GET", "/v1/categories?sort=%E0%A4", undefined, {}, 400, "invalid_request"],
  ["a broken percent-encoding in the path", "GET", "/v1/categories/%E0%A4", undefined, {}, 400, "invalid_request"],
  ["a cursor that nobody made", "GET", "/v1/categories?cursor=abc.def", undefined, {}, 400, "invalid_cursor"],
  ["an empty idempotency key", "POST", "/v1/categories", '{"name":"Mugs"}', { "idempotency-key": "" }, 400, "invalid_request"],
  ["an idempotency key of 256 characters", "POST", "/v1/categories", '{"name":"Mugs"}', { "idempotency-key": "k".repeat(256) }, 400, "invalid_request"],
  ["an If-Match that is no ETag", "PATCH", `/v1/categories/${newId()}`, '{"name":"Mugs"}', { "if-match": "3" }, 400, "invalid_request"],
  ["no credential", "GET", "/v1/categories", undefined, { authorization: "" }, 401, "unauthenticated"],
  ["a forged credential", "GET", "/v1/categories", undefined, { authorization: "Bearer eyJhbGciOiJub25lIn0.e30." }, 401, "unauthenticated"],
  ["Basic authentication", "GET", "/v1/categories", undefined, { authorization: "Basic dTpw" }, 401, "unauthenticated"],
  ["an unknown path", "GET", "/v1/unicorns", undefined, {}, 404, "not_found"],
  ["Moleculer's own services", "GET", "/~node/options", undefined, {}, 404, "not_found"],
  ["an action by its name", "POST", "/catalog/createCategory", '{"name":"Mugs"}', {}, 404, "not_found"],
  ["a wrong method", "PUT", "/v1/categories", '{"name":"Mugs"}', {}, 405, "method_not_allowed"],
  ["a client that wants XML", "GET", "/v1/categories", undefined, { accept: "application/xml" }, 406, "not_acceptable"],
  ["a form", "POST", "/v1/categories", "name=Mugs", { "content-type": "application/x-www-form-urlencoded" }, 415, "unsupported_media_type"],
  ["text/plain", "POST", "/v1/categories", '{"name":"Mugs"}', { "content-type": "text/plain" }, 415, "unsupported_media_type"],
  ["JSON in another charset", "POST", "/v1/categories", '{"name":"Mugs"}', { "content-type": "application/json; charset=utf-16" }, 415, "unsupported_media_type"],
  ["a merge patch as a create", "POST", "/v1/categories", '{"name":"Mugs"}', { "content-type": "application/merge-patch+json" }, 415, "unsupported_media_type"],
  ["a compressed body", "POST", "/v1/categories", '{"name":"Mugs"}', { "content-encoding": "gzip" }, 415, "unsupported_media_type"],
  ["a body of more than 1 MiB", "POST", "/v1/categories", JSON.stringify({ name: "x".repeat(1024 * 1024) }), {}, 413, "too_large"],
];

describe("bad input", () => {
  it.each(BAD)("%s is refused with a problem, and nothing has changed", async (_, method, path, body, headers, status, code) => {
    const before = await everything();
    expectProblem(await send(method, path, body === "latin1" ? Buffer.from('{"name":"caf\xe9"}', "latin1") : body, headers), status, code);
    expect(await everything()).toEqual(before);
  });

  it("names each field with a JSON pointer and does not echo what was sent", async () => {
    const answer = await post("/v1/signup", { tenant: { name: "", slug: "UPPER SECRET" }, owner: { name: "Ada", email: "ada", password: "hunter2-hunter2" } });
    expectProblem(answer, 400, "invalid_request");
    expect((answer.json.errors as Json[]).map((error) => error.pointer)).toEqual(expect.arrayContaining(["/tenant/name", "/tenant/slug", "/tenant/currency", "/owner/email"]));
    expect(answer.text).not.toMatch(/SECRET|hunter2/);
  });

  it("says with 405 what is allowed, and with 401 how to authenticate", async () => {
    expect((await send("PUT", "/v1/categories", "{}")).headers.get("allow")).toBe("GET, HEAD, OPTIONS, POST");
    expect((await send("GET", "/v1/categories", undefined, {}, null)).headers.get("www-authenticate")).toBe('Bearer realm="beaveros"');
  });

  it("does not reach a bus token through the front door", async () => {
    const token = platform.platform.tokens.forService("catalog", newId());
    expectProblem(await send("GET", "/v1/categories", undefined, { authorization: `Bearer ${token}` }), 401, "unauthenticated");
  });
});

describe("every answer", () => {
  it("carries the request id, the client's own where it is sane", async () => {
    expect((await send("GET", "/v1/categories", undefined, { "x-request-id": "till-7_receipt-42" })).headers.get("x-request-id")).toBe("till-7_receipt-42");
    expect((await send("GET", "/v1/categories", undefined, { "x-request-id": "<script>alert(1)</script>" })).headers.get("x-request-id")).toMatch(/^[0-9a-f-]{36}$/);
  });

  it.each(["/v1/categories", "/v1/unicorns", "/docs", "/openapi.json"])("says what is left of the budget: %s", async (path) => {
    const { headers } = await send("GET", path);
    expect(headers.get("ratelimit")).toMatch(/^"default";r=\d+;t=\d+$/);
    expect(headers.get("ratelimit-policy")).toMatch(/^"default";q=\d+;w=60$/);
    expect(headers.get("x-content-type-options")).toBe("nosniff");
    expect(headers.get("content-security-policy")).toContain("default-src 'none'");
  });
});

describe("a preflight", () => {
  it("is answered from the route table and runs nothing", async () => {
    const category = (await post("/v1/categories", { name: "Preflight" })).json;
    const answer = await send("OPTIONS", `/v1/categories/${category.id}`, undefined, { origin: "https://shop.example", "access-control-request-method": "DELETE" });
    expect([answer.status, answer.text, answer.headers.get("access-control-allow-origin")]).toEqual([204, "", "*"]);
    expect(answer.headers.get("access-control-allow-methods")).toBe("DELETE, GET, HEAD, OPTIONS, PATCH");
    expect((await send("GET", `/v1/categories/${category.id}`)).json).toEqual(category);
  });
});

describe("a resource", () => {
  it("is made with 201, Location and ETag, and read with HEAD as with GET", async () => {
    const made = await post("/v1/categories", { name: "Bowls" });
    expect([made.status, made.headers.get("location"), made.headers.get("etag")]).toEqual([201, `/v1/categories/${made.json.id}`, '"1"']);
    const read = await send("GET", made.headers.get("location")!), head = await send("HEAD", made.headers.get("location")!);
    expect(read.json).toEqual(made.json);
    expect([head.status, head.text, head.headers.get("content-length"), head.headers.get("etag")]).toEqual([200, "", String(Buffer.byteLength(read.text)), '"1"']);
    expect((await send("GET", made.headers.get("location")!, undefined, { "if-none-match": '"1"' })).status).toBe(304);
  });

  it("is changed under its ETag once", async () => {
    const { json } = await post("/v1/categories", { name: "Plates" });
    const change = (name: string) => send("PATCH", `/v1/categories/${json.id}`, JSON.stringify({ name }), { "if-match": '"1"', "content-type": "application/merge-patch+json" });
    expect((await change("Deep plates")).headers.get("etag")).toBe('"2"');
    expectProblem(await change("Flat plates"), 412, "stale");
    expect((await send("GET", `/v1/categories/${json.id}`)).json.name).toBe("Deep plates");
  });

  it("of another tenant answers exactly like one that is not there", async () => {
    const { json } = await post("/v1/categories", { name: "Private" });
    const alien = await send("GET", `/v1/categories/${json.id}`, undefined, {}, birch), missing = await send("GET", `/v1/categories/${newId()}`, undefined, {}, birch);
    const comparable = ({ status, json: { requestId: _, ...problem } }: Sent) => ({ status, problem });
    expect(comparable(alien)).toEqual(comparable(missing));
    expectProblem(alien, 404, "not_found");
  });
});

describe("an idempotency key", () => {
  it("gives the first answer again, byte for byte, and says so", async () => {
    const headers = { "idempotency-key": "cups-1" };
    const first = await post("/v1/categories", { name: "Cups" }, headers), again = await post("/v1/categories", { name: "Cups" }, headers);
    expect([first.status, first.headers.get("idempotent-replayed")]).toEqual([201, null]);
    expect([again.status, again.text, again.headers.get("idempotent-replayed"), again.headers.get("location")]).toEqual([201, first.text, "true", first.headers.get("location")]);
    expect(await platform.sql("SELECT 1 FROM catalog.category WHERE name = 'Cups'")).toHaveLength(1);
  });

  it("is kept with a keyed hash, so that a dump of the table reveals no body", async () => {
    await post("/v1/categories", { name: "Saucers" }, { "idempotency-key": "saucers-1" });
    const body = 'catalog.createCategory\n{"name":"Saucers"}';
    const [kept] = await platform.sql<{ hash: string }>("SELECT request_hash AS hash FROM catalog.idempotency_key WHERE key = 'saucers-1'");
    expect(kept!.hash).toBe(createHmac("sha256", platform.platform.secrets.derive("idempotency")).update(body).digest("base64url"));
    expect(kept!.hash).not.toBe(createHash("sha256").update(body).digest("base64url"));
  });

  it("is refused for another body, belongs to one tenant, and is free after a 400", async () => {
    const headers = { "idempotency-key": "jugs-1" };
    expect((await post("/v1/categories", { name: 7 }, headers)).status).toBe(400);
    expect((await post("/v1/categories", { name: "Jugs" }, headers)).status).toBe(201);
    expectProblem(await post("/v1/categories", { name: "Jars" }, headers), 422, "idempotency_key_reused");
    const other = await send("POST", "/v1/categories", '{"name":"Jars"}', headers, birch);
    expect([other.status, other.headers.get("idempotent-replayed")]).toEqual([201, null]);
  });
});

describe("the documents", () => {
  it("describe every route of the contracts, in OpenAPI 3.1 without a loose end", async () => {
    const { json } = await send("GET", "/openapi.json", undefined, {}, null);
    expect(json.openapi).toMatch(/^3\.1/);
    for (const contract of platform.platform.contracts) {
      for (const [name, { rest }] of Object.entries(contract.actions)) {
        if (!rest) continue;
        const [method, path] = rest.split(" ");
        expect(json.paths[path!.replaceAll(/:(\w+)/g, "{$1}")]?.[method!.toLowerCase()]?.operationId).toBe(`${contract.name}.${name}`);
      }
    }
    const missing = [...JSON.stringify(json).matchAll(/"\$ref":"#\/([^"]+)"/g)].filter(([, pointer]) => pointer!.split("/").reduce<Json | undefined>((node, key) => node?.[key] as Json | undefined, json) === undefined);
    expect(missing).toEqual([]);
  });

  it("need no network", async () => {
    for (const path of ["/docs", "/docs/start.js", "/docs/errors"]) {
      const { status, text } = await send("GET", path, undefined, {}, null);
      expect([path, status, /(src|href|url)\s*[=:]\s*["']?(https?:)?\/\//.test(text)]).toEqual([path, 200, false]);
    }
    expect((await send("GET", "/docs/swagger-ui-bundle.js", undefined, {}, null)).text.length).toBeGreaterThan(100_000);
  });

  it("explain every code of the catalogue", async () => {
    const { text } = await send("GET", "/docs/errors", undefined, {}, null);
    for (const code of ["invalid_request", "stale", "rate_limited", "idempotency_key_reused"]) expect(text).toContain(`id="${code}"`);
  });
});

describe("health", () => {
  it("is told without a credential and outside the budget", async () => {
    // Not ready: this edge has no order, payment and so on behind it.
    for (const [path, expected] of [["/health/live", 200], ["/health/startup", 200], ["/health/ready", 503]] as const) {
      const { status, headers } = await send("GET", path, undefined, {}, null);
      expect([path, status, headers.get("ratelimit")]).toEqual([path, expected, null]);
    }
  });
});

describe("a budget", () => {
  it("belongs to the credential; when it is spent the answer is 429 with Retry-After", async () => {
    const small = await startTestPlatform({ services: ["api"], variables: { RATE_LIMIT_PER_MINUTE: "3" } });
    try {
      const answers = [];
      for (let n = 0; n < 4; n++) answers.push(await fetch(`${small.baseUrl}/v1/unicorns`, { headers: { "x-forwarded-for": `10.0.0.${n}` } }));
      expect(answers.map((answer) => answer.status)).toEqual([404, 404, 404, 429]);
      expect(answers.map((answer) => answer.headers.get("ratelimit")?.split(";")[1])).toEqual(["r=2", "r=1", "r=0", "r=0"]);
      expect(Number(answers[3]!.headers.get("retry-after"))).toBeGreaterThan(0);
      expect(await answers[3]!.json()).toMatchObject({ code: "rate_limited", status: 429 });
      expect((await fetch(`${small.baseUrl}/health/live`)).status).toBe(200);
    } finally {
      await small.stop();
    }
  });
});

describe("a service that is away", () => {
  it("is a 503 with Retry-After, and the log-in of a token is trusted meanwhile", async () => {
    const alone = await startTestPlatform({ services: ["api"] });
    try {
      const token = alone.platform.tokens.signAccess({ tenantId: newId(), userId: newId(), sessionId: newId(), permissions: ["*"], storeIds: [] });
      const answer = await fetch(`${alone.baseUrl}/v1/categories`, { headers: { authorization: `Bearer ${token}` } });
      expect([answer.status, answer.headers.get("retry-after")]).toEqual([503, "1"]);
      expect(await answer.json()).toMatchObject({ code: "unavailable" });
    } finally {
      await alone.stop();
    }
  });
});

describe("a body that breaks off", () => {
  it("changes nothing and leaves the server answering", async () => {
    const { hostname, port } = new URL(platform.baseUrl);
    await new Promise<void>((resolve) => {
      const req = request({ hostname, port, path: "/v1/categories", method: "POST", headers: { authorization: `Bearer ${alder.token}`, "content-type": "application/json", "content-length": 100 } });
      req.on("error", () => resolve());
      req.write('{"name":"Half');
      setTimeout(() => req.destroy(), 50);
    });
    expect((await send("GET", "/health/live")).status).toBe(200);
    expect(await platform.sql("SELECT 1 FROM catalog.category WHERE name LIKE 'Half%'")).toEqual([]);
  });
});

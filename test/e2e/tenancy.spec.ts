import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { UUID_PATTERN, newId } from "../../lib/ids.ts";
import { openApiDocument } from "../../services/api/openapi/document.ts";
import { contracts } from "../../services/contracts.ts";
import { pathOf } from "../support/attacks.ts";
import { bodiesOf } from "../support/bodies.ts";
import { shopWithEverything, type Everything } from "../support/everything.ts";
import { fingerprint } from "../support/fingerprint.ts";
import { operationsOf, placesOf, type Operation, type Schema } from "../support/operations.ts";
import { startTestPlatform, type TestPlatform } from "../support/platform.ts";
import { exchange, type Heard } from "../support/wire.ts";

/* The matrix: every route against own, other and none. Alder and Birch have two of everything; each knows the other's ids. */

const operations = operationsOf(openApiDocument(contracts)).filter(({ path }) => path.startsWith("/v1/"));
const named = (those: readonly Operation[]) => those.map((operation) => [operation.name, operation] as const);
const isId = ({ pattern }: Schema) => pattern === UUID_PATTERN;

let platform: TestPlatform, alder: Everything, birch: Everything, powerless: string;
beforeAll(async () => {
  platform = await startTestPlatform();
  [alder, birch] = [await shopWithEverything(platform, "Alder"), await shopWithEverything(platform, "Birch")];
  const { slug } = await birch.client.get("/v1/tenant"), password = "correct horse battery", email = `nina@${slug}.example`;
  await birch.client.post("/v1/users", { name: "Nina", email, password, roleIds: [] });
  powerless = (await birch.client.post("/v1/auth/login", { email, password })).tokens.accessToken;
  await platform.quiesce();
}, 120_000);
afterAll(() => platform.stop());

const hasBody = ({ method, consumes }: Operation) => !["GET", "DELETE"].includes(method) && !consumes;
function send(operation: Operation, path: string, body: unknown, token: string | undefined = birch.client.token): Promise<Heard> {
  const sent = hasBody(operation) ? JSON.stringify(body ?? {}) : operation.consumes ? "name\n" : undefined;
  const type = operation.consumes ?? "application/json";
  return exchange(platform.baseUrl, { method: operation.method, path, body: sent, headers: { ...(token ? { authorization: `Bearer ${token}` } : {}), ...(sent === undefined ? {} : { "content-type": type }) } });
}

/** All that a client can tell two answers apart by; what it sent itself it knows. */
function seen({ status, headers, json }: Heard, asked: string): unknown {
  const { requestId: _, ...body } = json;
  return JSON.parse(JSON.stringify({ status, type: headers["content-type"], etag: headers.etag, body }).replaceAll(asked, "…"));
}

describe("an id in the path", () => {
  it.each(named(operations.filter(({ path, pathParams }) => pathParams.length > 0 && !path.startsWith("/v1/reports/"))))("%s answers another tenant as if there were no such id", async (_, operation) => {
    const before = await fingerprint(platform), body = bodiesOf(birch)[operation.name];
    const segments = operation.path.split("/");
    for (const at of segments.flatMap((segment, index) => (segment.startsWith("{") ? [index] : []))) {
      const [theirs, nobodys] = [pathOf(operation, alder.ids).split("/")[at]!, newId()];
      const ask = (id: string) => send(operation, pathOf(operation, birch.ids).split("/").with(at, id).join("/"), body);
      const [alien, missing] = [await ask(theirs), await ask(nobodys)];
      expect([missing.status, missing.json.code]).toEqual([404, "not_found"]);
      expect(seen(alien, theirs)).toEqual(seen(missing, nobodys));
    }
    expect(await fingerprint(platform)).toEqual(before);
  });
});

describe("an id in the query", () => {
  it.each(named(operations.filter(({ query }) => query.some(({ schema }) => isId(schema)))))("%s answers another tenant as if there were no such id", async (_, operation) => {
    const before = await fingerprint(platform);
    for (const { name } of operation.query.filter(({ schema }) => isId(schema))) {
      const theirs = alder.ids[collectionOf(name)]!, nobodys = newId();
      const ask = (id: string) => send(operation, `${pathOf(operation, birch.ids)}?${operation.consumes ? "type=inventory&" : ""}${name}=${id}`, {});
      const [alien, missing] = [await ask(theirs), await ask(nobodys)];
      expect(missing.status).toBeLessThan(500);
      expect(seen(alien, theirs)).toEqual(seen(missing, nobodys));
      expect(JSON.stringify(alien.json.data ?? [])).toBe("[]");
    }
    expect(await fingerprint(platform)).toEqual(before);
  });
});

/** Places where the client names what it makes, and where an id refers to nothing that there is yet. */
const FREE = ["/id", "/groupId"];
const idsIn = ({ body }: Operation) => (body ? placesOf(body).filter(({ pointer, schemas }) => schemas.some(isId) && !FREE.includes(pointer)).map(({ pointer }) => pointer) : []);

describe("an id in the body", () => {
  it.each(named(operations.filter((operation) => idsIn(operation).length > 0)))("%s answers another tenant as if there were no such id", async (_, operation) => {
    const before = await fingerprint(platform), body = bodiesOf(birch)[operation.name];
    if (!body) throw new Error(`bodies.ts makes none of ${operation.name}`);
    for (const pointer of idsIn(operation)) {
      const theirs = alder.ids[collectionOf(pointer)]!, nobodys = newId();
      const ask = (id: string) => send(operation, pathOf(operation, birch.ids), replaced(body, pointer, id));
      const [alien, missing] = [await ask(theirs), await ask(nobodys)];
      expect([pointer, missing.status, missing.json.code]).toEqual([pointer, 404, "not_found"]);
      expect(seen(alien, theirs)).toEqual(seen(missing, nobodys));
    }
    expect(await fingerprint(platform)).toEqual(before);
  });
});

/** `/lines/0/variantId` → `variants`. */
function collectionOf(name: string): string {
  const word = name.split("/").filter((part) => part !== "0").at(-1)!.replace(/Ids?$/, "");
  const collection = { category: "categories", parent: "categories", taxRate: "tax-rates", actor: "users", resource: "orders" }[word] ?? `${word === "id" ? "variant" : word}s`;
  if (!alder.ids[collection]) throw new Error(`everything.ts makes none of the ${collection} that ${name} names`);
  return collection;
}

/** A copy with another value at one place. @throws when the body says nothing there */
function replaced(body: unknown, pointer: string, value: string): unknown {
  const copy = structuredClone(body) as Record<string, any>, keys = pointer.split("/").slice(1), last = keys.pop()!;
  const parent = keys.reduce<Record<string, any> | undefined>((inner, key) => inner?.[key], copy);
  if (parent?.[last] === undefined) throw new Error(`bodies.ts says nothing at ${pointer}`);
  parent[last] = value;
  return copy;
}

describe("every route", () => {
  it.each(named(operations.filter(({ isPublic }) => !isPublic)))("%s answers nobody without a credential", async (_, operation) => {
    const { status, json } = await send(operation, pathOf(operation, alder.ids), {}, "");
    expect([status, json.code]).toEqual([401, "unauthenticated"]);
  });

  const guarded = contracts.flatMap((contract) => Object.entries(contract.actions).filter(([, { rest, permission }]) => rest && permission !== "public" && permission !== "authenticated").map(([name]) => `${contract.name}.${name}`));
  it.each(named(operations.filter(({ id }) => guarded.includes(id))))("%s needs its permission", async (_, operation) => {
    const { status, json } = await send(operation, `${pathOf(operation, birch.ids)}${operation.consumes ? "?type=products" : ""}`, bodiesOf(birch)[operation.name], powerless);
    expect([status, json.code]).toEqual([403, "forbidden"]);
  });

  it.each(named(operations.filter(({ method, pathParams }) => method === "GET" && pathParams.length === 0)))("%s tells nothing of another tenant", async (_, operation) => {
    const { status, text } = await send(operation, operation.path, undefined);
    expect(status).toBeLessThan(500);
    for (const [collection, id] of Object.entries(alder.ids)) expect([collection, text.includes(id)]).toEqual([collection, false]);
  });
});

/** Lists that have no second page: a tenant's only workflow is the low-stock alert. */
const THERE_IS_ONE = ["/v1/workflows"];

describe("a cursor", () => {
  it.each(named(operations.filter(({ query }) => query.some(({ name }) => name === "cursor"))))("of %s is good for its own tenant and its own list alone", async (_, operation) => {
    const ask = (shop: Everything, query: string) => send(operation, `${pathOf(operation, shop.ids)}?limit=1${query}`, undefined, shop.client.token);
    const { nextCursor } = (await ask(alder, "")).json;
    if (THERE_IS_ONE.includes(operation.path)) return expect(nextCursor).toBeNull();
    const cursor = `&cursor=${encodeURIComponent(nextCursor)}`;
    expect((await ask(alder, cursor)).status).toBe(200);
    const refused = [400, "invalid_cursor"];
    const spoilt = `&cursor=${encodeURIComponent((nextCursor.startsWith("A") ? "B" : "A") + nextCursor.slice(1))}`;
    for (const { status, json } of [await ask(birch, cursor), await ask(alder, spoilt), await exchange(platform.baseUrl, { method: "GET", path: `/v1/${operation.path === "/v1/roles" ? "users" : "roles"}?limit=1${cursor}`, headers: { authorization: `Bearer ${alder.client.token}` } })]) {
      expect([status, json.code]).toEqual(refused);
    }
  });
});

describe("an id that the client makes", () => {
  it("may be the one of another tenant's order: each has its own, and neither sees the other's", async () => {
    const mine = { ...bodiesOf(birch)["POST /v1/orders"] as object, id: alder.ids.orders };
    const before = await alder.client.get(`/v1/orders/${alder.ids.orders}`);
    await expect(birch.client.get(`/v1/orders/${alder.ids.orders}`)).rejects.toMatchObject({ status: 404 });
    expect(await birch.client.post("/v1/orders", mine)).toMatchObject({ id: alder.ids.orders, storeId: birch.storeId, status: "paid" });
    expect(await alder.client.get(`/v1/orders/${alder.ids.orders}`)).toEqual(before);
    await platform.quiesce();
    for (const shop of [alder, birch]) expect((await shop.client.get("/v1/audit/verify")).ok).toBe(true);
  });
});

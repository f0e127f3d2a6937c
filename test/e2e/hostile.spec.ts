import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { openApiDocument } from "../../services/api/openapi/document.ts";
import { contracts } from "../../services/contracts.ts";
import { errorCatalogue } from "../../services/error-catalogue.ts";
import { shopWithEverything, type Everything } from "../support/everything.ts";
import { fingerprint } from "../support/fingerprint.ts";
import { operationsOf, type Operation } from "../support/operations.ts";
import { startTestPlatform, type TestPlatform } from "../support/platform.ts";
import { exchange, type Heard, type Wire } from "../support/wire.ts";
import { attacksOn, pathOf, type Attack } from "../support/attacks.ts";

/* Every operation of the OpenAPI document against everything that can be wrong with a request. */

const operations = operationsOf(openApiDocument(contracts)).filter(({ path }) => path.startsWith("/v1/"));
let platform: TestPlatform, alder: Everything;
beforeAll(async () => {
  platform = await startTestPlatform();
  alder = await shopWithEverything(platform, "Alder");
}, 120_000);
afterAll(() => platform.stop());

const send = (wire: Wire) => exchange(platform.baseUrl, { ...wire, headers: { authorization: `Bearer ${alder.client.token}`, ...wire.headers } });

/** What is wrong with a refusal; undefined when it is clear, a problem, and the one that was expected. */
function fault({ status, headers, text, json }: Heard, wanted: Attack): string | undefined {
  if (headers["content-type"] !== "application/problem+json; charset=utf-8") return `${status} ${headers["content-type"]}`;
  if (!(json.code in errorCatalogue) || json.requestId !== headers["x-request-id"] || typeof json.detail !== "string") return `no clear problem: ${text}`;
  if (/SELECT|INSERT|\.ts:|node_modules|constraint|nodeID|pg_/.test(text)) return `tells of the inside: ${text}`;
  if (`${status} ${json.code}` !== wanted.answer) return `${status} ${json.code}, not ${wanted.answer}: ${json.detail}`;
  const pointers: string[] = (json.errors ?? []).map(({ pointer }: { pointer: string }) => pointer);
  if (wanted.pointer !== undefined && !pointers.some((pointer) => isAbout(pointer, wanted.pointer!))) return `does not name ${wanted.pointer} but ${pointers.join()}`;
  return undefined;
}

/** The place itself, one in it, or the one that it stands in. */
const isAbout = (pointer: string, place: string): boolean => pointer === place || pointer.startsWith(`${place}/`) || (pointer !== "" && place.startsWith(`${pointer}/`));

describe("a request that is wrong", () => {
  it.each(operations.map((operation) => [operation.name, operation] as const))("%s is refused with a problem that says what, and changes nothing", async (_, operation: Operation) => {
    const before = await fingerprint(platform);
    const faults: string[] = [];
    for (const attack of attacksOn(operation, alder.ids)) {
      const found = fault(await send(attack.wire), attack);
      if (found) faults.push(`${attack.name}: ${found}`);
    }
    expect(faults).toEqual([]);
    expect(await fingerprint(platform)).toEqual(before);
  });
});

describe("a path", () => {
  const methods = new Map<string, string[]>();
  for (const { path, method } of operations) methods.set(path, [...(methods.get(path) ?? []), method]);
  const allowed = (those: readonly string[]) => [...new Set([...those, "OPTIONS", ...(those.includes("GET") ? ["HEAD"] : [])])].sort();

  it.each([...methods])("%s takes its own methods and no others", async (path, own) => {
    const before = await fingerprint(platform), filled = pathOf({ path }, alder.ids);
    for (const method of ["GET", "POST", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND", "SEARCH"].filter((other) => !own.includes(other))) {
      const heard = await send({ method, path: filled });
      expect([method, fault(heard, { name: method, wire: { method, path: filled }, answer: "405 method_not_allowed" })]).toEqual([method, undefined]);
      expect(heard.headers.allow).toBe(allowed(own).join(", "));
    }
    expect(await fingerprint(platform)).toEqual(before);
  });
});

describe("metadata", () => {
  const patches = operations.filter(({ method, body }) => method === "PATCH" && body?.properties?.metadata);
  const pairs = (from: number, to: number) => Object.fromEntries(Array.from({ length: to - from }, (_, n) => [`k${from + n}`, "v"]));

  it.each(patches.map((operation) => [operation.name, operation] as const))("of %s has at most 50 pairs, in however many patches they come", async (_, operation) => {
    const patch = (metadata: object | null) => send({ method: "PATCH", path: pathOf(operation, alder.ids), headers: { "content-type": "application/json" }, body: JSON.stringify({ metadata }) });
    expect((await patch(pairs(0, 30))).json).toMatchObject({ metadata: pairs(0, 30) });
    const { status, json } = await patch(pairs(30, 51));
    expect([status, json.errors]).toEqual([400, [expect.objectContaining({ pointer: "/metadata", code: "too_many" })]]);
    expect((await patch(pairs(30, 50))).json).toMatchObject({ metadata: pairs(0, 50) });
    expect((await patch({ k0: null, other: "v" })).json.metadata).toMatchObject({ other: "v", k49: "v" });
    expect((await patch(null)).json).toMatchObject({ metadata: {} });
  });
});

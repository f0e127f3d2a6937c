import { newId } from "../../lib/ids.ts";
import { bodyWith, placesOf, type Operation, type Place, type Schema } from "./operations.ts";
import type { Wire } from "./wire.ts";

/** A request that is wrong in one way. */
export interface Attack {
  readonly name: string;
  readonly wire: Wire;
  /** `400 invalid_request` */
  readonly answer: string;
  /** The field that the problem must name, itself or what it stands in. */
  readonly pointer?: string | undefined;
}

const JSON_TYPE = { "content-type": "application/json" };
const INVALID = "400 invalid_request", MALFORMED = "400 malformed_json", UNSUPPORTED = "415 unsupported_media_type";

/** The path of an operation with the ids of somebody's own things. @throws when there is none of a kind: whoever adds a route adds one to `everything.ts` */
export function pathOf({ path }: Pick<Operation, "path">, ids: Readonly<Record<string, string>>): string {
  return path.replaceAll(/([\w-]+)\/\{(\w+)\}/g, (_, collection: string, name: string) => {
    const value = collection === "reports" ? "sales" : ids[collection];
    if (value === undefined) throw new Error(`everything.ts makes none of the ${collection} that ${path} names as ${name}`);
    return `${collection}/${value}`;
  });
}

export function attacksOn(operation: Operation, ids: Readonly<Record<string, string>>): Attack[] {
  const path = pathOf(operation, ids);
  return [
    ...onTheQuery(operation, path), ...onTheHeaders(operation, path), ...onThePath(operation, path),
    ...(["GET", "DELETE"].includes(operation.method) ? onNoBody(operation, path) : operation.consumes ? [] : onTheBody(operation, path)),
  ];
}

function onTheQuery({ method, query, consumes }: Operation, path: string): Attack[] {
  const body = ["GET", "DELETE"].includes(method) ? {} : { body: consumes ? "name\n" : "{}", headers: consumes ? { "content-type": consumes } : JSON_TYPE };
  const attack = (name: string, text: string, pointer?: string, answer = INVALID): Attack => ({ name: `${name} ?${text.slice(0, 40)}`, wire: { method, path: `${path}?${text}`, ...body }, answer, pointer });
  return [
    attack("an unknown parameter", "unicorn=1", "/unicorn"), attack("a broken percent-encoding", "%E0%A4=1"), attack("a prototype", "__proto__=1", "/__proto__"), attack("a hundred and one parameters", Array.from({ length: 101 }, (_, n) => `u${n}=1`).join("&")),
    ...query.flatMap(({ name, schema }) => [
      attack("NUL", `${name}=%00`, `/${name}`), attack("given twice", `${name}=1&${name}=1`, `/${name}`), attack("half a character", `${name}=%ED%A0%80`), attack("5,000 characters", `${name}=${"x".repeat(5_000)}`, `/${name}`),
      ...wrongTexts(schema).map((text) => attack("no value of its type", `${name}=${encodeURIComponent(text)}`, `/${name}`)),
    ]),
    ...(query.some(({ name }) => name === "cursor") ? ["x", "abc.def", "e30.", "%F0%9F%A6%AB", "W10.AAAA"].map((text) => attack("a cursor that nobody made", `cursor=${text}`, undefined, "400 invalid_cursor")) : []),
  ];
}

/** Texts that stand for no value of a parameter. */
function wrongTexts({ type, enum: choices, pattern, anyOf, maximum }: Schema): string[] {
  if (anyOf) return [];
  if (choices) return ["unicorn", ""];
  if (type === "integer") return ["", "x", "1.5", "0x10", "1e3", "-1", "NaN", "99999999999999999999", ...(maximum === undefined ? [] : [String(maximum + 1)])];
  if (type === "boolean") return ["", "1", "yes", "TRUE"];
  return pattern ? ["", "x", "'; DROP TABLE variant; --"] : [];
}

function onTheHeaders({ method, consumes, isPublic, body }: Operation, path: string): Attack[] {
  const needed = JSON.stringify(Object.fromEntries((body?.required ?? []).map((name) => [name, sampleOf(body!.properties![name]!)])));
  const attack = (name: string, headers: Record<string, string>, answer: string): Attack => ({ name, wire: { method, path, headers, ...(["GET", "DELETE"].includes(method) || consumes ? {} : { body: needed, headers: { ...JSON_TYPE, ...headers } }) }, answer });
  return [
    attack("a client that wants XML", { accept: "application/xml" }, "406 not_acceptable"),
    ...(isPublic ? [] : ["", "Bearer", "Bearer x", "Basic dTpw", "Bearer bk_unknown", `Bearer ${"a".repeat(4_000)}`, "Bearer eyJhbGciOiJub25lIn0.e30."].map((authorization) => attack(`the credential ${authorization.slice(0, 20)}`, { authorization }, "401 unauthenticated"))),
    ...(method === "POST" ? ["", "k".repeat(256), "with blank", "naïve"].map((key) => attack(`the idempotency key ${key.slice(0, 20)}`, { "idempotency-key": key }, INVALID)) : []),
    ...(["PATCH", "PUT", "DELETE"].includes(method) ? ["3", '"x"', 'W/"1"', '"1", "2"', '"-1"', '"99999999999999999999"', ""].map((tag) => attack(`the version ${tag}`, { "if-match": tag }, INVALID)) : []),
    ...(["PATCH", "PUT", "DELETE"].includes(method) ? ['"0"', '"999999"', '"999999999999999"'].map((tag) => attack(`the version ${tag}, which it never had`, { "if-match": tag }, "412 stale")) : []),
  ];
}

/** Ids that are none, in place of the last one. */
function onThePath({ method, pathParams, consumes, path: template }: Operation, path: string): Attack[] {
  if (pathParams.length === 0) return [];
  const at = template.split("/").findLastIndex((segment) => segment.startsWith("{"));
  const attack = (text: string, answer: string): Attack => ({ name: `the path with ${text.slice(0, 20)}`, wire: { method, path: path.split("/").with(at, text).join("/"), ...(["GET", "DELETE"].includes(method) || consumes ? {} : { body: "{}", headers: JSON_TYPE }) }, answer });
  return [attack("%00", INVALID), attack("%E0%A4", INVALID), attack("%ED%A0%80", INVALID)];
}

function onNoBody({ method }: Operation, path: string): Attack[] {
  return [{ name: "a body where none is taken", wire: { method, path, body: '{"a":1}', headers: JSON_TYPE }, answer: INVALID }];
}

function onTheBody({ method, body }: Operation, path: string): Attack[] {
  const attack = (name: string, text: string | Buffer, answer = INVALID, pointer?: string, headers: Record<string, string> = JSON_TYPE): Attack => ({ name, wire: { method, path, body: text, headers }, answer, pointer });
  const types = ["text/plain", "application/x-www-form-urlencoded", "application/xml", "multipart/form-data; boundary=x", "application/json; charset=utf-16", "application/octet-stream", "", ...(method === "PATCH" ? [] : ["application/merge-patch+json"])];
  return [
    ...['{"a":', "{'a':1}", "{a:1}", '{"a":1}}', "\u0000", "undefined", '{"a":01}', '{"a":NaN}', "\ufeff{}"].map((text) => attack(`broken JSON ${text}`, text, MALFORMED)),
    attack("Latin-1", Buffer.from('{"name":"caf\xe9"}', "latin1"), MALFORMED), attack("half a character", Buffer.from('{"name":"\xed\xa0\x80"}', "latin1"), MALFORMED),
    ...["[]", "null", "7", '"x"', "true"].map((text) => attack(`no object but ${text}`, text)),
    attack("nesting of 10,000", `{"a":${"[".repeat(10_000)}${"]".repeat(10_000)}}`), attack("nesting of 33 objects", `${'{"a":'.repeat(33)}1${"}".repeat(33)}`),
    attack("__proto__", '{"__proto__":{"a":1}}', INVALID, "/__proto__"), attack("constructor", '{"constructor":{"prototype":{"a":1}}}', INVALID, "/constructor"), attack("tenantId", `{"tenantId":"${newId()}"}`, INVALID, "/tenantId"),
    attack("more than 1 MiB", `{"a":"${"x".repeat(1024 * 1024)}"}`, "413 too_large"),
    ...types.map((type) => attack(`the type ${type}`, "{}", UNSUPPORTED, undefined, type ? { "content-type": type } : {})), attack("gzip", "{}", UNSUPPORTED, undefined, { ...JSON_TYPE, "content-encoding": "gzip" }),
    ...(body ? placesOf(body).flatMap((place) => onAPlace(place).map(({ name, text, pointer }) => attack(`${place.pointer} with ${name}`, bodyWith(place.pointer, text), INVALID, pointer))) : []),
  ];
}

interface Wrong { readonly name: string; readonly text: string; readonly pointer?: string }

function onAPlace({ pointer, schemas }: Place): Wrong[] {
  const wrong = (name: string, text: string, at = pointer): Wrong => ({ name, text, pointer: at });
  const types = new Set(schemas.map(({ type, enum: choices, const: only }) => type ?? typeof (only ?? choices?.[0])));
  const isNumber = types.has("number") || types.has("integer");
  return [
    ...Object.entries(SAMPLES).filter(([type]) => !types.has(type) && !(type === "number" && isNumber)).map(([type, text]) => wrong(`a ${type}`, text)),
    ...(types.has("string") ? [wrong("NUL", String.raw`"a\u0000"`), wrong("a lone surrogate", String.raw`"\ud800"`), wrong("100,000 characters", `"${"x".repeat(100_000)}"`)] : []),
    ...(isNumber ? ["1e309", "-1e309", "1e308", "-1e308", "0.00001"].map((text) => wrong(text, text)) : []),
    ...(types.has("integer") ? [wrong("a fraction", "1.5"), wrong("more than is exact", "9007199254740993"), wrong("less than is exact", "-9007199254740993")] : []),
    ...(types.has("array") ? [wrong("10,000 items", `[${"null,".repeat(9_999)}null]`)] : []),
    ...(types.has("object") && schemas.every(({ patternProperties }) => !patternProperties) ? [wrong("an unknown member", '{"unicorn":1}', `${pointer}/unicorn`)] : []),
    ...(schemas.some(({ patternProperties }) => patternProperties) ? [wrong("10,000 members", `{${Array.from({ length: 10_000 }, (_, n) => `"k${n}":"v"`).join()}}`), wrong("a member without a name", '{"":"v"}')] : []),
  ];
}

/** Some value of the schema's type. */
const sampleOf = ({ type, enum: choices }: Schema): unknown => choices?.[0] ?? JSON.parse(SAMPLES[type ?? "null"] ?? "null");

/** One value of each type of JSON, as text. */
const SAMPLES: Readonly<Record<string, string>> = { object: "{}", array: "[]", string: '"unicorn"', number: "7", boolean: "true", null: "null" };

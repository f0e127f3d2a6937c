import { connect, type Socket } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { openShop, type Client } from "../../scripts/client.ts";
import { errorCatalogue } from "../../services/error-catalogue.ts";
import { fingerprint } from "../support/fingerprint.ts";
import { startTestPlatform, type TestPlatform } from "../support/platform.ts";
import { until } from "../support/until.ts";

/* What does not even become a request, said byte by byte. */

let platform: TestPlatform, client: Client;
beforeAll(async () => {
  platform = await startTestPlatform({ services: ["auth", "entity", "catalog", "api"] });
  client = (await openShop(platform.baseUrl, { name: "Alder" })).client;
  await platform.quiesce();
}, 60_000);
afterAll(() => platform.stop());

interface Line { readonly socket: Socket; heard(): string; readonly ended: Promise<string> }

function open(): Line {
  const { hostname, port } = new URL(platform.baseUrl);
  const socket = connect(Number(port), hostname);
  let text = "";
  socket.on("data", (chunk: Buffer) => { text += chunk.toString("latin1"); }).on("error", () => undefined);
  return { socket, heard: () => text, ended: new Promise((done) => { socket.on("close", () => done(text)); }) };
}

/** Says something and hears until the connection ends. */
function say(bytes: string): Promise<string> {
  const line = open();
  line.socket.write(bytes, "latin1");
  return line.ended;
}

function problemIn(answer: string): { status: number; code: string } {
  const [head = "", body = ""] = answer.split("\r\n\r\n");
  expect(head).toMatch(/^content-type: application\/problem\+json; charset=utf-8$/im);
  const problem = JSON.parse(body) as { status: number; code: string; requestId: string };
  expect(Number(/^HTTP\/1\.1 (\d{3})/.exec(head)![1])).toBe(problem.status);
  expect(new RegExp(`^x-request-id: ${problem.requestId}$`, "im").test(head)).toBe(true);
  expect(problem.code in errorCatalogue).toBe(true);
  return problem;
}

const post = (headers: string, body: string) => `POST /v1/categories HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${client.token}\r\nContent-Type: application/json\r\nConnection: close\r\n${headers}\r\n${body}`;
const CATEGORY = '{"name":"Smuggled"}';

describe("a connection", () => {
  it.each<[string, () => string, number, string]>([
    ["says something that is not HTTP", () => "\u0016\u0003\u0001 hello\r\n\r\n", 400, "invalid_request"],
    ["names no version", () => "GET /v1/me\r\n\r\n", 401, "unauthenticated"],
    ["names a method that there is not", () => "UNICORN /v1/me HTTP/1.1\r\nHost: x\r\n\r\n", 400, "invalid_request"],
    ["sends 20 KiB of headers", () => `GET /v1/me HTTP/1.1\r\nHost: x\r\nX-Long: ${"x".repeat(20_480)}\r\n\r\n`, 431, "headers_too_large"],
    ["sends a path of 20 KiB", () => `GET /v1/${"x".repeat(20_480)} HTTP/1.1\r\nHost: x\r\n\r\n`, 431, "headers_too_large"],
    ["names no host", () => "GET /v1/me HTTP/1.1\r\nConnection: close\r\n\r\n", 400, "invalid_request"],
    ["wants a proxy", () => "CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example:443\r\n\r\n", 405, "method_not_allowed"],
    ["names another host as its path", () => "GET http://evil.example/v1/me HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", 404, "not_found"],
    ["climbs out of its path", () => "GET /v1/../../etc/passwd HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", 404, "not_found"],
    ["doubles a slash", () => "GET //v1/me HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", 404, "not_found"],
    ["expects what nobody can do", () => "GET /v1/unicorns HTTP/1.1\r\nHost: x\r\nExpect: unicorn\r\nConnection: close\r\n\r\n", 404, "not_found"],
    ["wants another protocol", () => "GET /v1/me HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: close, upgrade\r\n\r\n", 401, "unauthenticated"],
    ["says its length in two ways", () => post(`Content-Length: ${CATEGORY.length}\r\nTransfer-Encoding: chunked\r\n`, CATEGORY), 400, "invalid_request"],
    ["says two lengths", () => post("Content-Length: 5\r\nContent-Length: 19\r\n", CATEGORY), 400, "invalid_request"],
    ["says a length that is no number", () => post("Content-Length: -1\r\n", CATEGORY), 400, "invalid_request"],
    ["sends a chunk that is none", () => post("Transfer-Encoding: chunked\r\n", "zz\r\nx\r\n0\r\n\r\n"), 400, "invalid_request"],
    ["has a header with a line break in its name", () => post("X Y\r\n: 1\r\n", CATEGORY), 400, "invalid_request"],
  ])("that %s hears a problem, and changes nothing", async (_, bytes, status, code) => {
    const before = await fingerprint(platform);
    expect(problemIn(await say(bytes()))).toMatchObject({ status, code });
    expect(await fingerprint(platform)).toEqual(before);
  });

  it("that says a second request in the body of the first is heard once", async () => {
    const inner = post(`Content-Length: ${CATEGORY.length}\r\n`, CATEGORY);
    expect(problemIn(await say(`GET /v1/me HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${client.token}\r\nConnection: close\r\nContent-Length: ${inner.length}\r\n\r\n${inner}`))).toMatchObject({ status: 400 });
    expect((await client.get("/v1/categories")).data).toEqual([]);
  });

  it.each<[string, number]>([["at once", 0], ["after a moment", 50]])("that goes away %s in the middle of a body changes nothing", async (_, afterMs) => {
    const before = await fingerprint(platform);
    for (const headers of ["Content-Length: 1000\r\n", "Transfer-Encoding: chunked\r\n"]) {
      const line = open();
      line.socket.write(post(headers, headers.startsWith("C") ? '{"name":"Half' : 'd\r\n{"name":"Half\r\n'));
      await new Promise((wake) => setTimeout(wake, afterMs));
      line.socket.destroy();
      await line.ended;
    }
    expect(await fingerprint(platform)).toEqual(before);
  });
});

describe("five hundred connections that send a byte now and then", () => {
  it("keep nobody else waiting, and are cut off with a 408; a connection that only rests is not", async () => {
    const resting = open();
    const ask = () => resting.socket.write("GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n");
    ask();
    await until(() => resting.heard().includes('{"status":"up"}'));
    const slow = Array.from({ length: 500 }, open);
    for (const { socket } of slow) socket.write("GET /v1/me HTTP/1.1\r\nHost: x\r\nX-Slow: ");
    const drip = setInterval(() => { for (const { socket } of slow) if (socket.writable) socket.write("x"); }, 500);
    const start = performance.now();
    expect((await client.get("/v1/categories")).data).toEqual([]);
    expect(performance.now() - start).toBeLessThan(3_000);
    for (const answer of await Promise.all(slow.map(({ ended }) => ended))) expect(problemIn(answer)).toMatchObject({ status: 408, code: "request_timeout" });
    clearInterval(drip);
    expect(performance.now() - start).toBeLessThan(30_000);
    ask();
    await until(() => resting.heard().split('{"status":"up"}').length === 3);
    resting.socket.destroy();
  });
});

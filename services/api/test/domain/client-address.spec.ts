import { describe, expect, it } from "@jest/globals";
import { clientAddressOf } from "../../http/client-address.ts";

const PROXY = "10.0.0.1";
const from = (forwarded: string | undefined, trustedProxies: number, remoteAddress: string | undefined = PROXY) =>
  clientAddressOf({ headers: forwarded === undefined ? {} : { "x-forwarded-for": forwarded }, socket: { remoteAddress } }, trustedProxies);

describe("the address of a client", () => {
  it.each<[string, string | undefined, number, string]>([
    ["no proxy is ours: the header is the client's own word", "198.51.100.7", 0, PROXY],
    ["no header", undefined, 1, PROXY],
    ["one proxy: what it added", "198.51.100.7", 1, "198.51.100.7"],
    ["one proxy: what stands further left is forged", "203.0.113.9, 198.51.100.7", 1, "198.51.100.7"],
    ["two proxies: what the outer one added", "203.0.113.9, 198.51.100.7, 10.0.0.2", 2, "198.51.100.7"],
    ["two proxies, and a request that came through one", "198.51.100.7", 2, "198.51.100.7"],
    ["empty places", " , 198.51.100.7 ,", 1, "198.51.100.7"],
    ["an empty header", "", 1, PROXY],
    ["with a port", "198.51.100.7:51234", 1, "198.51.100.7"],
    ["IPv6", "2001:DB8::7", 1, "2001:db8::7"],
    ["IPv6 with a port", "[2001:db8::7]:443", 1, "2001:db8::7"],
    ["IPv4 within IPv6", "::ffff:198.51.100.7", 1, "198.51.100.7"],
    ["a word", "unknown", 1, PROXY],
    ["a sentence", `${"x".repeat(9000)} <script>`, 1, PROXY],
    ["a number too many", "198.51.100.700", 1, PROXY],
  ])("%s", (_what, forwarded, trustedProxies, expected) => {
    expect(from(forwarded, trustedProxies)).toBe(expected);
  });

  it("is one, by whichever socket it comes", () => {
    expect([from(undefined, 0, "::ffff:198.51.100.7"), from(undefined, 0, "198.51.100.7")]).toEqual(["198.51.100.7", "198.51.100.7"]);
    expect(clientAddressOf({ headers: {}, socket: {} }, 0)).toBe("unknown");
  });
});

import type { IncomingMessage } from "node:http";
import { isIP } from "node:net";

/** The client's address, counting as many proxies from the right as are ours: what stands further left can be forged.
 *  What is no address (a proxy may write "unknown") is none: then the connection's own counts. */
export function clientAddressOf(req: Pick<IncomingMessage, "headers"> & { readonly socket: { readonly remoteAddress?: string | undefined } }, trustedProxies: number): string {
  const remote = addressIn(req.socket.remoteAddress ?? "") ?? "unknown";
  const forwarded = req.headers["x-forwarded-for"];
  if (trustedProxies === 0 || typeof forwarded !== "string") return remote;
  const hops = [...forwarded.split(",").map((hop) => hop.trim()).filter(Boolean), remote];
  return addressIn(hops[Math.max(0, hops.length - 1 - trustedProxies)]!) ?? remote;
}

/** Without a port, and an IPv4 address always in the same form, so that one client has one budget. */
function addressIn(hop: string): string | undefined {
  const bare = /^\[(.+)\](?::\d+)?$/.exec(hop)?.[1] ?? /^(\d+(?:\.\d+){3}):\d+$/.exec(hop)?.[1] ?? hop;
  const address = /^::ffff:(\d+(?:\.\d+){3})$/i.exec(bare)?.[1] ?? bare;
  return isIP(address) ? address.toLowerCase() : undefined;
}

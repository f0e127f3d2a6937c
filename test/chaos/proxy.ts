import { connect, createServer, type Socket } from "node:net";

/** pass: as if it were not there. stall: nothing gets through, connections stay open. silent: requests arrive, answers are lost. cut: connections break, new ones are refused. */
export type Weather = "pass" | "stall" | "silent" | "cut";

export interface Proxy { readonly port: number; weather: Weather; delayMs: number; change(weather: Weather, delayMs?: number): void; close(): Promise<void> }

/** A way between a node and what it needs, on the loopback, that can be made bad.
 *  @param asked sees what goes to the target, before it goes */
export async function startProxy(target: { host: string; port: number }, asked: (chunk: Buffer) => void = () => undefined): Promise<Proxy> {
  const pairs = new Set<[Socket, Socket]>();
  const server = createServer({ noDelay: true }, (near) => {
    if (proxy.weather === "cut") return void near.destroy();
    const far = connect({ ...target, noDelay: true });
    const pair: [Socket, Socket] = [near, far];
    pairs.add(pair);
    near.on("data", asked);
    carry(near, far, () => proxy.weather === "pass" || proxy.weather === "silent");
    carry(far, near, () => proxy.weather === "pass");
    for (const socket of pair) socket.on("error", () => undefined).on("close", () => { pair.forEach((side) => side.destroy()); pairs.delete(pair); });
  });
  const carry = (from: Socket, to: Socket, open: () => boolean) => from.on("data", (chunk: Buffer) => {
    if (open() && proxy.delayMs === 0) to.write(chunk);
    else if (open()) setTimeout(() => to.write(chunk), proxy.delayMs);
  });
  await new Promise<void>((listening) => { server.listen(0, "127.0.0.1", listening); });
  const breakAll = () => { for (const [near, far] of pairs) { near.destroy(); far.destroy(); } };
  const proxy: Proxy = {
    port: (server.address() as { port: number }).port, weather: "pass", delayMs: 0,
    change(weather, delayMs = 0) {
      // What was lost on the way leaves both ends with half a conversation: when the weather clears, they start a new one.
      if (weather === "cut" || (weather === "pass" && this.weather !== "pass")) breakAll();
      this.weather = weather;
      this.delayMs = delayMs;
    },
    close: () => new Promise((closed) => { breakAll(); server.close(() => closed()); }),
  };
  return proxy;
}

import { createServer } from "node:net";

/** Below the range out of which systems take ports for outgoing connections: nobody's is given to a server that is killed and started again on it. */
const FIRST = 15_000, LAST = 32_000;

/** A TCP port of the loopback that nobody listens on. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = FIRST + Math.floor(Math.random() * (LAST - FIRST));
    if (await isFree(port)) return port;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((known) => {
    const probe = createServer().once("error", () => known(false));
    probe.listen(port, "127.0.0.1", () => probe.close(() => known(true)));
  });
}

import { once } from "node:events";
import { createServer, type Socket } from "node:net";

/** A mail server that knows nobody, and says back what it was told: what must not end in a log. */
export async function startRudeMailServer(): Promise<{ readonly port: number; stop(): void }> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined).write("220 rude\r\n");
    socket.on("data", (chunk: Buffer) => {
      const said = chunk.toString().trim();
      if (/^EHLO/i.test(said)) socket.write("250-rude\r\n250 AUTH PLAIN\r\n");
      else if (/^AUTH PLAIN/i.test(said)) socket.write(`535 not with ${Buffer.from(said.slice(11), "base64").toString().replaceAll("\0", " ")}\r\n`);
      else socket.write(`550 ${said}\r\n`);
    });
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  return { port: (server.address() as { port: number }).port, stop: () => { server.close(); for (const socket of sockets) socket.destroy(); } };
}

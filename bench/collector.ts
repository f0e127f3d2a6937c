import { createServer } from "node:http";

/* A collector that takes everything and looks at nothing, in a process of its own: what it costs is not what the platform costs. */
const server = createServer((req, res) => {
  let bytes = 0;
  req.on("data", (chunk: Buffer) => { bytes += chunk.length; }).on("end", () => { taken += bytes; res.writeHead(200, { "Content-Type": "application/x-protobuf" }).end(); });
});
let taken = 0;
server.listen(0, "127.0.0.1", () => process.send!((server.address() as { port: number }).port));
process.on("message", () => process.send!(taken));
process.on("disconnect", () => process.exit(0));

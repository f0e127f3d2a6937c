import { once } from "node:events";
import { createServer } from "node:http";
import { gunzipSync } from "node:zlib";

export interface ReceivedSpan {
  readonly service: string;
  readonly name: string;
  readonly kind: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentId: string;
  readonly durationMs: number;
  readonly attributes: Readonly<Record<string, string | number>>;
  readonly links: readonly string[];
  readonly failed: string | undefined;
}
export interface OtlpReceiver { readonly endpoint: string; readonly spans: ReceivedSpan[]; ofTrace(traceId: string): ReceivedSpan[]; stop(): Promise<void> }

/** A collector that takes OTLP over HTTP in protobuf, as the protocol's own definition (opentelemetry/proto/trace/v1) numbers its fields. */
export async function startOtlpReceiver(): Promise<OtlpReceiver> {
  const spans: ReceivedSpan[] = [];
  const server = createServer((req, res) => {
    const chunks: Buffer[] = [];
    req.on("data", (chunk: Buffer) => chunks.push(chunk)).on("end", () => {
      const isOtlp = req.method === "POST" && req.url === "/v1/traces" && req.headers["content-type"] === "application/x-protobuf";
      const body = Buffer.concat(chunks);
      if (isOtlp) spans.push(...spansIn(req.headers["content-encoding"] === "gzip" ? gunzipSync(body) : body));
      res.writeHead(isOtlp ? 200 : 404, { "Content-Type": "application/x-protobuf" }).end();
    });
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  return {
    endpoint: `http://127.0.0.1:${(server.address() as { port: number }).port}`, spans,
    ofTrace: (traceId) => spans.filter((span) => span.traceId === traceId),
    stop: () => new Promise((done) => { server.close(() => done()); server.closeAllConnections(); }),
  };
}

/** Wire format: https://protobuf.dev/programming-guides/encoding/. Field number → its values in order. */
type Message = Map<number, (Buffer | bigint)[]>;

function read(bytes: Buffer): Message {
  const message: Message = new Map();
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = BigInt(bytes[at++]!);
      value |= (byte & 0x7fn) << shift;
      if (byte < 0x80n) return value;
    }
  };
  const take = (length: number) => bytes.subarray(at, (at += length));
  while (at < bytes.length) {
    const key = Number(varint()), field = key >> 3;
    const value = [varint, () => take(8).readBigUInt64LE(), () => take(Number(varint())), undefined, undefined, () => BigInt(take(4).readUInt32LE())][key & 7]!();
    message.set(field, [...(message.get(field) ?? []), value]);
  }
  return message;
}

const all = (message: Message, field: number): Message[] => (message.get(field) ?? []).map((value) => read(value as Buffer));
const bytes = (message: Message, field: number): Buffer => (message.get(field)?.[0] as Buffer | undefined) ?? Buffer.alloc(0);
const number = (message: Message, field: number): bigint => (message.get(field)?.[0] as bigint | undefined) ?? 0n;
const KINDS = ["unspecified", "internal", "server", "client", "producer", "consumer"];
const STATUS_ERROR = 2n;

function spansIn(body: Buffer): ReceivedSpan[] {
  return all(read(body), 1).flatMap((resourceSpans) => {
    const service = String(attributesIn(all(resourceSpans, 1)[0]!, 1)["service.name"]);
    return all(resourceSpans, 2).flatMap((scopeSpans) => all(scopeSpans, 2).map((span) => spanOf(service, span)));
  });
}

function spanOf(service: string, span: Message): ReceivedSpan {
  const [status] = all(span, 15);
  return {
    service, name: bytes(span, 5).toString(), kind: KINDS[Number(number(span, 6))]!, traceId: bytes(span, 1).toString("hex"), spanId: bytes(span, 2).toString("hex"), parentId: bytes(span, 4).toString("hex"),
    durationMs: Number(number(span, 8) - number(span, 7)) / 1e6, attributes: attributesIn(span, 9), links: all(span, 13).map((link) => bytes(link, 2).toString("hex")),
    failed: status && number(status, 3) === STATUS_ERROR ? bytes(status, 2).toString() : undefined,
  };
}

function attributesIn(message: Message, field: number): Record<string, string | number> {
  return Object.fromEntries(all(message, field).map((pair) => {
    const value = all(pair, 2)[0]!;
    return [bytes(pair, 1).toString(), value.has(1) ? bytes(value, 1).toString() : Number(number(value, 3))];
  }));
}

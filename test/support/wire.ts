import { Agent, request } from "node:http";

export interface Wire { readonly method: string; readonly path: string; readonly headers?: Record<string, string>; readonly body?: string | Buffer | undefined }
export interface Heard { readonly status: number; readonly headers: Record<string, string | string[] | undefined>; readonly text: string; readonly json: Record<string, any> }

const agent = new Agent({ keepAlive: true, maxSockets: 4 });

/** One request as it is written, where `fetch` would mend or refuse it: a GET with a body, any method, any header. */
export function exchange(base: string, { method, path, headers = {}, body }: Wire): Promise<Heard> {
  const { hostname, port } = new URL(base);
  return new Promise((done, failed) => {
    const asking = request({ agent, hostname, port, method, path, headers: { ...headers, ...(body === undefined ? {} : { "content-length": Buffer.byteLength(body) }) } }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on("data", (chunk: Buffer) => chunks.push(chunk)).on("error", failed).on("end", () => {
        const text = Buffer.concat(chunks).toString();
        done({ status: answer.statusCode!, headers: answer.headers, text, json: /json/.test(answer.headers["content-type"] ?? "") && text ? JSON.parse(text) as Record<string, any> : {} });
      });
    });
    asking.on("error", failed);
    asking.end(body);
  });
}

import type { Client } from "../../scripts/client.ts";
import { until } from "./until.ts";

export interface Sent { readonly status: number; readonly headers: Headers; readonly body: Record<string, any> }

/** `POST /v1/imports?…` with any bytes, whatever the answer. */
export async function sendFile(client: Client, query: string, file: string | Buffer, headers: Record<string, string> = {}): Promise<Sent> {
  const response = await fetch(`${client.base}/v1/imports?${query}`, { method: "POST", headers: { "content-type": "text/csv", authorization: `Bearer ${client.token}`, ...headers }, body: file as never });
  return { status: response.status, headers: response.headers, body: await response.json() as Record<string, any> };
}

/** Waits for the end of a job. */
export async function endOf(client: Client, id: string): Promise<Record<string, any>> {
  let job: Record<string, any> = {};
  await until(async () => ["completed", "failed"].includes((job = await client.get(`/v1/imports/${id}`)).status));
  return job;
}

/** Sends a file and waits until it is imported, or has failed. @throws when it is refused */
export async function importFile(client: Client, query: string, file: string | Buffer): Promise<Record<string, any>> {
  const { status, body } = await sendFile(client, query, file);
  if (status !== 202) throw new Error(`${status}: ${body.detail}`);
  return endOf(client, body.id);
}

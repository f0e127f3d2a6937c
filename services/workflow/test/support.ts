import { createHash } from "node:crypto";
import { newId } from "../../../lib/ids.ts";
import type { ResultOf } from "../../../lib/contract.ts";
import { startTestPlatform, type TestPlatform } from "../../../test/support/platform.ts";
import type { workflowContract } from "../contract.ts";

export type Job = ResultOf<(typeof workflowContract)["actions"]["readImport"]>;
type CreateImport = Parameters<TestPlatform["actor"]>[0] extends string ? { type: Job["type"]; storeId?: string; mapping?: string; delimiter?: string } : never;

export interface Shop { readonly tenantId: string; readonly storeId: string }

/** A tenant with one London store. */
export async function openShop(platform: TestPlatform, name: string): Promise<Shop> {
  const tenantId = newId();
  await platform.service("auth", tenantId).call("entity.createTenant", { id: tenantId, name, slug: `${name}-${tenantId}`, country: "GB", currency: "GBP", timezone: "Europe/London" });
  const store = await platform.actor(tenantId).call("entity.createStore", { code: "S1", name: "Main street" });
  return { tenantId, storeId: store.id };
}

/** Sends a file as the edge does: opened, in pieces, started. */
export async function send(platform: TestPlatform, tenantId: string, params: CreateImport, text: string, pieceLength = 200_000): Promise<Job> {
  const actor = platform.actor(tenantId);
  const { id: importId } = await actor.call("workflow.createImport", params);
  for (let index = 0; index * pieceLength < text.length; index++) {
    await actor.call("workflow.appendImportChunk", { importId, index, text: text.slice(index * pieceLength, (index + 1) * pieceLength) });
  }
  return actor.call("workflow.startImport", { importId, sha256: createHash("sha256").update(text).digest("hex") });
}

const PATIENCE_MS = 50_000;

/** Waits for the job's end. */
export async function ended(platform: TestPlatform, tenantId: string, id: string): Promise<Job> {
  for (const deadline = Date.now() + PATIENCE_MS; ;) {
    const job = await platform.actor(tenantId).call("workflow.readImport", { id });
    if (job.status === "completed" || job.status === "failed") return job;
    if (Date.now() > deadline) throw new Error(`the import does not end: ${JSON.stringify(job)}`);
    await new Promise((wake) => setTimeout(wake, 50));
  }
}

/** Sends a file and waits for the job's end. */
export const imported = async (platform: TestPlatform, tenantId: string, params: CreateImport, text: string): Promise<Job> => ended(platform, tenantId, (await send(platform, tenantId, params, text)).id);

export { startTestPlatform, type TestPlatform };

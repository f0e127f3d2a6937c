import { createHmac, type KeyObject } from "node:crypto";

export interface AuditEntry {
  readonly id: string; readonly at: string; readonly action: string; readonly actorId: string; readonly actorKind: "user" | "apiKey" | "service"; readonly resourceId: string | null; readonly fields: string[];
  readonly requestId: string | null; readonly address: string | null;
}
/** Where a chain has come to. Hashes in hex. */
export interface Link { readonly seq: number; readonly hash: string }
export interface SealedEntry extends AuditEntry, Link { readonly previous: string }
export interface Fault { readonly seq: number; readonly id: string | null; readonly fault: "changed" | "unlinked" | "missing"; readonly detail: string }

export const START: Link = { seq: 0, hash: "" };

/** The entry behind `before`: its hash covers all that it says, its place, and the hash before it. Keyed, so that whoever can write to
 *  the table and does not have the key can forge no entry, and cannot make a chain anew. */
export function seal(key: KeyObject, before: Link, entry: AuditEntry): SealedEntry {
  const placed = { ...entry, seq: before.seq + 1, previous: before.hash };
  return { ...placed, hash: hashOf(key, placed) };
}

/** What is wrong with the entries behind `before`, in their order. An entry that was changed is named, and so is the place where some are gone. */
export function faultsBehind(key: KeyObject, before: Link, entries: readonly SealedEntry[]): Fault[] {
  const faults: Fault[] = [];
  let last = before;
  for (const entry of entries) {
    const { seq, id } = entry;
    if (seq !== last.seq + 1) faults.push({ seq, id, fault: "missing", detail: `${last.seq + 1} to ${seq - 1} are gone before it` });
    else if (entry.previous !== last.hash) faults.push({ seq, id, fault: "unlinked", detail: "it does not hold the hash of the entry before it" });
    if (hashOf(key, entry) !== entry.hash) faults.push({ seq, id, fault: "changed", detail: "its hash is not that of what it says" });
    last = entry;
  }
  return faults;
}

/** The chain must end where it was last written to. */
export function faultOfEnd(head: Link, last: Link): Fault[] {
  if (last.seq < head.seq) return [{ seq: last.seq + 1, id: null, fault: "missing", detail: `${last.seq + 1} to ${head.seq} are gone from the end` }];
  return last.hash === head.hash ? [] : [{ seq: last.seq, id: null, fault: "unlinked", detail: "it is not the entry that was written last" }];
}

type Placed = Omit<SealedEntry, "hash">;
const hashOf = (key: KeyObject, { previous, seq, id, at, action, actorId, actorKind, resourceId, fields, requestId, address }: Placed): string =>
  createHmac("sha256", key).update(JSON.stringify([previous, seq, id, at, action, actorId, actorKind, resourceId, fields, requestId, address])).digest("hex");

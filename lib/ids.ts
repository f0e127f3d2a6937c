import { randomFillSync } from "node:crypto";

const random = Buffer.alloc(16 * 256);
let used = random.length;

/** A UUIDv7 (RFC 9562): 48 bits of Unix milliseconds, then random bits; sorts by time of creation.
 *  Random bytes are drawn 256 ids at a time, because one system call an id shows in the profile of a sale. */
export function newId(nowMs: number = Date.now()): string {
  if (used >= random.length) {
    randomFillSync(random);
    used = 0;
  }
  const bytes = random.subarray(used, used + 16);
  used += 16;
  bytes.writeUIntBE(nowMs, 0, 6);
  bytes[6] = (bytes[6]! & 0x0f) | 0x70;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = bytes.toString("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/** The pattern of every id in the REST contract: a UUID in lower case. */
export const UUID_PATTERN = "^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$";

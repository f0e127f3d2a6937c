import { createHash, randomBytes } from "node:crypto";

/** An opaque secret that says in which tenant and row to look, so that nobody has to search all tenants for it: prefix, tenant, row, 256 bits. */
export interface BearerSecret { readonly tenantId: string; readonly id: string; readonly hash: Buffer }

const SECRET_BYTES = 32, ID_BYTES = 16;

export function writeSecret(prefix: string, at: { tenantId: string; id: string }, secret: Buffer = randomBytes(SECRET_BYTES)): { text: string; hash: Buffer } {
  const text = prefix + Buffer.concat([bytesOf(at.tenantId), bytesOf(at.id), secret]).toString("base64url");
  return { text, hash: digest(secret) };
}

/** @returns undefined when the text cannot be one of ours */
export function readSecret(prefix: string, text: string): BearerSecret | undefined {
  if (!text.startsWith(prefix)) return undefined;
  const bytes = Buffer.from(text.slice(prefix.length), "base64url");
  if (bytes.length !== 2 * ID_BYTES + SECRET_BYTES) return undefined;
  return { tenantId: idOf(bytes.subarray(0, ID_BYTES)), id: idOf(bytes.subarray(ID_BYTES, 2 * ID_BYTES)), hash: digest(bytes.subarray(2 * ID_BYTES)) };
}

// Fast is enough here: 256 random bits cannot be guessed, unlike a password.
const digest = (secret: Buffer): Buffer => createHash("sha256").update(secret).digest();
const bytesOf = (id: string): Buffer => Buffer.from(id.replaceAll("-", ""), "hex");
const idOf = (bytes: Buffer): string => bytes.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");

import { createHmac, timingSafeEqual } from "node:crypto";
import { refuse } from "../lib/errors.ts";
import { identityOf } from "../middlewares/identity.ts";
import { platformOf } from "../node/platform.ts";
import type { Ctx } from "./call.ts";

export const LIMIT_DEFAULT = 50;
type Key = readonly (string | number | null)[];

/** Where the list goes on, out of an opaque signed cursor; undefined on the first page.
 *  @throws invalid_cursor (400): forged, of another list, of another tenant, or of another sort order */
export function readCursor(ctx: Ctx, list: string, cursor: string | undefined): Key | undefined {
  if (cursor === undefined) return undefined;
  const [body, signature] = cursor.split(".");
  if (!body || !signature) throw refuse.invalid_cursor();
  const expected = sign(ctx, list, body), given = Buffer.from(signature, "base64url");
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) throw refuse.invalid_cursor();
  return JSON.parse(Buffer.from(body, "base64url").toString()) as Key;
}

/** Cuts one row more than asked for down to a page, and makes the cursor that continues it. */
export function page<R, T>(ctx: Ctx, list: string, given: { rows: readonly R[]; limit: number; key: (row: R) => Key; map: (row: R) => T }): { data: T[]; nextCursor: string | null } {
  const rows = given.rows.slice(0, given.limit);
  const last = rows.at(-1);
  const more = given.rows.length > given.limit && last !== undefined;
  return { data: rows.map(given.map), nextCursor: more ? writeCursor(ctx, list, given.key(last)) : null };
}

/** A page as JSON text out of documents that the database holds as text: for an edge that would only parse it to write it again. */
export interface JsonText { readonly jsonText: string }
export function textPage<R>(ctx: Ctx, list: string, given: { rows: readonly R[]; limit: number; key: (row: R) => Key; text: (row: R) => string }): JsonText {
  const { data, nextCursor } = page(ctx, list, { ...given, map: given.text });
  return { jsonText: `{"data":[${data.join(",")}],"nextCursor":${JSON.stringify(nextCursor)}}` };
}

/** The other way round. */
export function writeCursor(ctx: Ctx, list: string, key: Key): string {
  const body = Buffer.from(JSON.stringify(key)).toString("base64url");
  return `${body}.${sign(ctx, list, body).toString("base64url")}`;
}

function sign(ctx: Ctx, list: string, body: string): Buffer {
  const { secrets } = platformOf(ctx.broker);
  return createHmac("sha256", secrets.secretKey("cursor")).update(`${identityOf(ctx).tenantId}\n${list}\n${body}`).digest().subarray(0, 16);
}

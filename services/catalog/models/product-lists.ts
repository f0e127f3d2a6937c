import { sql, type Statement, type Tx } from "../../../mixins/database.ts";

const GET = sql("catalog.product-get", "SELECT id, document FROM product WHERE id = ANY ($1::uuid[])");

export async function productDocument<T>(tx: Tx, id: string): Promise<T | undefined> {
  return (await tx.gathered<{ id: string; document: T }>(GET, [id])).find((product) => product.id === id)?.document;
}

/** `text` is the document as the database holds it, in JSON. */
export interface ListedRow { id: string; text: string; name: string; updatedAt: string; rank: number }
export type Sort = "-createdAt" | "createdAt" | "name" | "updatedAt";
export interface ProductFilter { readonly categoryId?: string | undefined; readonly updatedSince?: string | undefined }
type Key = readonly (string | number | null)[];

// Microseconds are part of the key: a page must not end in the middle of a millisecond.
const UPDATED = `to_char(updated_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;
const ORDERS: Readonly<Record<Sort, { order: string; behind: string }>> = {
  "-createdAt": { order: "id DESC", behind: "id < $2" },
  createdAt: { order: "id", behind: "id > $2" },
  name: { order: "name, id", behind: "(name, id) > ($1, $2)" },
  updatedAt: { order: "updated_at, id", behind: "(updated_at, id) > ($1::timestamptz, $2)" },
};

/** A page of products. Each mix of filters is a statement of its own, so that each has the plan that fits it. Lists leave archived products out,
 *  except those of `updatedSince`: who follows changes must hear of them. */
export function listProducts(tx: Tx, sort: Sort, filter: ProductFilter, after: Key | undefined, limit: number): Promise<ListedRow[]> {
  const { statement, values } = listStatement(sort, filter, after, limit);
  return tx.query<ListedRow>(statement, values);
}

function listStatement(sort: Sort, { categoryId, updatedSince }: ProductFilter, after: Key | undefined, limit: number): { statement: Statement; values: unknown[] } {
  const values: unknown[] = [], where: string[] = [], name = ["catalog.products", sort];
  const add = (value: unknown) => `$${values.push(value)}`;
  if (after) {
    const [first, second] = after.length === 2 ? [add(after[0]), add(after[1])] : ["", add(after[0])];
    where.push(ORDERS[sort].behind.replaceAll("$1", first).replaceAll("$2", `${second}::uuid`));
    name.push("after");
  }
  if (categoryId) {
    where.push(`category_id = ${add(categoryId)}::uuid`);
    name.push("category");
  }
  if (updatedSince) {
    where.push(`updated_at >= ${add(updatedSince)}::timestamptz`);
    name.push("since");
  } else {
    where.push("archived_at IS NULL");
  }
  const text = `SELECT id, document::text AS text, name, ${UPDATED} AS "updatedAt" FROM product WHERE ${where.join(" AND ")} ORDER BY ${ORDERS[sort].order} LIMIT ${add(limit)}`;
  return { statement: sql(name.join(" "), text), values };
}

// A range of "C" comparisons per term: what row-level security lets into the index scan. A product must match every term; a whole word counts
// twice as much as its beginning. Products are looked up in the order of their rank until the page is full. Archived ones have no words.
const SEARCH = sql("catalog.product-search", `WITH hit AS (
    SELECT t.term, w.product_id, max(w.weight * CASE WHEN w.word = t.term THEN 2 ELSE 1 END) AS score
    FROM unnest($1::text[], $2::text[]) AS t(term, until)
    CROSS JOIN LATERAL (SELECT * FROM product_word WHERE word >= t.term COLLATE "C" AND word < t.until COLLATE "C" OFFSET 0) w
    GROUP BY 1, 2
  ), ranked AS (
    SELECT product_id, sum(score)::int AS rank FROM hit GROUP BY product_id HAVING count(*) = cardinality($1::text[])
  )
  SELECT p.id, p.document::text AS text, r.rank
  FROM (SELECT * FROM ranked WHERE $5::int IS NULL OR rank < $5 OR (rank = $5 AND product_id < $6) ORDER BY rank DESC, product_id DESC) r
  CROSS JOIN LATERAL (SELECT id, document FROM product WHERE id = r.product_id AND ($3::uuid IS NULL OR category_id = $3) AND ($4::timestamptz IS NULL OR updated_at >= $4) OFFSET 0) p
  ORDER BY r.rank DESC, r.product_id DESC LIMIT $7`);

export function searchProducts(tx: Tx, terms: readonly { term: string; until: string }[], filter: ProductFilter, after: Key | undefined, limit: number): Promise<ListedRow[]> {
  const [rank, id] = after ?? [];
  return tx.query<ListedRow>(SEARCH, [terms.map((t) => t.term), terms.map((t) => t.until), filter.categoryId ?? null, filter.updatedSince ?? null, rank ?? null, id ?? null, limit]);
}

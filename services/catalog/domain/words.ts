/** The words under which a product is found. Both what is kept and what is asked for go through here. */
import { isGtinShaped } from "./gs1.ts";

const WORD_LENGTH_MAX = 60;
const WORDS_MAX = 200;
const TERMS_MAX = 8;
const WEIGHT = { code: 8, name: 2, option: 1 } as const;

export interface Searchable {
  readonly name: string;
  readonly variants: readonly { readonly sku: string; readonly name?: string | null | undefined; readonly barcode?: string | null | undefined }[];
}

/** Each word once, with its best weight: a SKU or a barcode counts more than a name, the product's name more than a variant's. */
export function wordsOf({ name, variants }: Searchable): Map<string, number> {
  const words = new Map<string, number>();
  const add = (list: readonly string[], weight: number) => {
    for (const word of list) if (words.size < WORDS_MAX || words.has(word)) words.set(word, Math.max(words.get(word) ?? 0, weight));
  };
  for (const { sku, barcode } of variants) {
    add([whole(sku), ...barcode ? [whole(barcode)] : []], WEIGHT.code);
  }
  add(split(name), WEIGHT.name);
  for (const variant of variants) {
    add(split(variant.sku), WEIGHT.name);
    add(split(variant.name ?? ""), WEIGHT.option);
  }
  return words;
}

/** What to look for: every term must begin a word. `until` is the first text that no longer begins with `term`, in code point order.
 *  @example termsOf("Red mug") // [{ term: "red", until: "ree" }, { term: "mug", until: "muh" }] */
export function termsOf(search: string): { term: string; until: string }[] {
  const text = search.trim();
  const terms = /\s/.test(text) ? text.split(/\s+/).flatMap((part) => (/\d/.test(part) ? [whole(part)] : split(part))) : [whole(text)];
  const usable = [...new Set(terms.filter((term) => term !== ""))].slice(0, TERMS_MAX);
  return usable.map((term) => ({ term, until: after(term) }));
}

const plain = (text: string) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
const split = (text: string) => plain(text).split(/[^\p{L}\p{N}]+/u).filter((word) => word !== "").map(cut);

/** A code as one word. The leading zeros of an article number are left out, so that its 12, 13 and 14 digit forms are one. */
function whole(code: string): string {
  const text = plain(code);
  return cut(isGtinShaped(text) ? text.replace(/^0+(?=\d)/, "") : text);
}

const cut = (word: string) => [...word].slice(0, WORD_LENGTH_MAX).join("");

/** The last code point plus one; a term of the very last code point has no end, and is closed by one that sorts behind everything. */
function after(term: string): string {
  const points = [...term];
  const last = points.pop()!.codePointAt(0)!;
  const next = last + 1 >= 0xd800 && last + 1 <= 0xdfff ? 0xe000 : last + 1;
  return next > 0x10ffff ? `${term}\u{10ffff}` : points.join("") + String.fromCodePoint(next);
}

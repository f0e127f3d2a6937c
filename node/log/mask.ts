/** Fields that hold a secret or a person, whatever is in them. */
const HIDDEN_FIELD = /passw|secret|token|authori[sz]ation|cookie|card|phone|e-?mail|api-?key|^(pin|name|firstName|lastName|customerName|displayName|address|recipients|to|subject|params|body|detail|headers|url)$/i;
const HIDDEN = "[hidden]";
const DEPTH_MAX = 4;

/** Nothing that we write into a log holds any of these. This is for what libraries and errors of unknown kind say. */
const PATTERNS: readonly (readonly [RegExp, string])[] = [
  [/\/\/[^\s/@]*@/g, "//[hidden]@"], // user and password of a URL
  [/[^\s@<>"'()=:,;/]+@[^\s@<>"'()=:,;/]+\.[a-z]{2,}/gi, "[e-mail]"],
  [/\b(Bearer|Basic)\s+\S+/gi, "$1 [hidden]"],
  [/\beyJ[\w-]{10,}(\.[\w-]*)*/g, "[token]"],
  [/\b(bk|br|sk|pk|rk|whsec)_[\w-]{8,}/g, "[token]"],
  [/(?<![\w-])\+?\d[\d -]{9,17}\d(?![\w-])/g, "[number]"], // cards and telephones; ids are hexadecimal and have no such edge
];

/** The text without what looks like a secret or a person. */
export function mask(text: string): string {
  return PATTERNS.reduce((masked, [pattern, instead]) => masked.replace(pattern, instead), text);
}

/** The same for the fields of a line. */
export function maskFields(value: unknown, depth = 0): unknown {
  if (typeof value === "string") return mask(value);
  if (typeof value !== "object" || value === null) return value;
  if (depth === DEPTH_MAX) return HIDDEN;
  if (Array.isArray(value)) return value.map((item) => maskFields(item, depth + 1));
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, HIDDEN_FIELD.test(name) ? HIDDEN : maskFields(item, depth + 1)]));
}

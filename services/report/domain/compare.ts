export interface Check { readonly name: string; readonly compared: number; readonly differences: readonly unknown[] }
type Figures = Readonly<Record<string, number | string>>;

/** Enough to see the pattern of what is wrong; the count of what was compared says how far the look went. */
export const DIFFERENCES_MAX = 100;

/** Lays two lists of rows beside each other by their key. A row that one side lacks counts as all zero.
 *  @returns a difference for each row that is not equal, with the key, and both sides' figures where they differ */
export function compareRows(given: { name: string; key: readonly string[]; fields: readonly string[]; left: readonly object[]; right: readonly object[]; sides: readonly [string, string] }): Check {
  const { key, fields, sides } = given;
  const keyOf = (row: Figures) => key.map((field) => row[field]).join(" ");
  const left = new Map((given.left as Figures[]).map((row) => [keyOf(row), row])), right = new Map((given.right as Figures[]).map((row) => [keyOf(row), row]));
  const keys = [...new Set([...left.keys(), ...right.keys()])];
  const differences = keys.flatMap((id) => {
    const one = left.get(id), other = right.get(id);
    const unequal = fields.filter((field) => (one?.[field] ?? 0) !== (other?.[field] ?? 0));
    if (unequal.length === 0) return [];
    const named = Object.fromEntries(key.map((field) => [field, (one ?? other)![field]]));
    return [{ ...named, ...Object.fromEntries(unequal.map((field) => [field, { [sides[0]]: one?.[field] ?? 0, [sides[1]]: other?.[field] ?? 0 }])) }];
  });
  return { name: given.name, compared: keys.length, differences };
}

/** Checks of one name become one. */
export function mergeChecks(checks: readonly Check[]): Check[] {
  return [...Map.groupBy(checks, (check) => check.name)].map(([name, parts]) => ({
    name, compared: parts.reduce((sum, part) => sum + part.compared, 0), differences: parts.flatMap((part) => part.differences).slice(0, DIFFERENCES_MAX),
  }));
}

/** What two looks at the same rows both saw: a row that sales were moving between them is not one. */
export function lasting(before: Check, now: Check): Check {
  const seen = new Set(before.differences.map((difference) => JSON.stringify(difference)));
  return { ...now, differences: now.differences.filter((difference) => seen.has(JSON.stringify(difference))) };
}

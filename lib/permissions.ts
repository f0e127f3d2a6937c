/** True when one of the held permissions covers the wanted one: the same text, `*`, or a prefix as in `catalog.*` and a verb as in `*.read`. */
export function holds(held: readonly string[], wanted: string): boolean {
  return held.some((permission) => permission === wanted || permission === "*" ||
    (permission.endsWith(".*") && wanted.startsWith(permission.slice(0, -1))) || (permission.startsWith("*.") && wanted.endsWith(permission.slice(1))));
}

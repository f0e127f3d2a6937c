/** A statement of a migration that code of the version before cannot live with, and why. */
export interface Breach { readonly statement: string; readonly why: string }

const RULES: readonly (readonly [RegExp, string])[] = [
  [/^DROP (TABLE|VIEW|MATERIALIZED VIEW|FUNCTION|PROCEDURE|TYPE|SCHEMA|SEQUENCE|DOMAIN|EXTENSION)\b/, "older code still uses it"],
  [/^ALTER TABLE .*\bDROP COLUMN\b/, "older code still uses it"],
  [/^ALTER TABLE .*\bDROP (DEFAULT|EXPRESSION|IDENTITY)\b/, "older code leaves the column out"],
  [/^ALTER .*\b(RENAME|SET SCHEMA)\b/, "older code knows the old name"],
  [/^ALTER TABLE .*\bALTER (COLUMN )?\S+ (SET DATA )?TYPE\b/, "older code writes and reads the old type"],
  [/^ALTER TABLE .*\bSET NOT NULL\b/, "older code may leave it empty"],
  [/^ALTER TABLE .*\bADD (COLUMN )?(?!CONSTRAINT\b)(?![^,]*\bDEFAULT\b)[^,]*\bNOT NULL\b/, "older code does not fill it: give a DEFAULT"],
  [/^ALTER TABLE .*\bADD (CONSTRAINT \S+ )?(CHECK|UNIQUE|FOREIGN KEY|PRIMARY KEY|EXCLUDE)\b/, "older code may write what it forbids"],
  [/^CREATE UNIQUE INDEX\b/, "older code may write what it forbids"],
  [/^CREATE (CONSTRAINT )?TRIGGER\b/, "older code may be refused by it"],
  [/^REVOKE\b/, "older code still needs the right"],
  [/^(TRUNCATE|DELETE FROM)\b/, "older code still needs the rows"],
];

/** What in a migration is not additive. It may do as it likes with the tables and functions that it makes itself, and let a CHECK allow more values than before.
 *  @param earlier the service's migrations before it, in their order */
export function breaches(migration: string, earlier: readonly string[] = []): Breach[] {
  const statements = statementsOf(migration), before = earlier.flatMap(statementsOf);
  const made = new Set(statements.flatMap((statement) => madeBy(statement) ?? []));
  return statements.filter((statement) => !made.has(subjectOf(statement) ?? "") && !widens(statement, before)).flatMap((statement) => {
    const rule = RULES.find(([pattern]) => pattern.test(statement));
    return rule ? [{ statement, why: rule[1] }] : [];
  });
}

/** One line each, without comments and the bodies of functions, which are run later or by name. */
const statementsOf = (sql: string): string[] => sql.replaceAll(/--.*$/gm, "").replaceAll(/\$\$[\s\S]*?\$\$/g, "''").split(";").map((statement) => statement.replaceAll(/\s+/g, " ").trim()).filter(Boolean);

const madeBy = (statement: string): string | undefined => /^CREATE (?:TABLE|FUNCTION) (?:IF NOT EXISTS )?([^\s(]+)/.exec(statement)?.[1];
const subjectOf = (statement: string): string | undefined =>
  /^(?:ALTER TABLE|TRUNCATE|DELETE FROM) (?:IF EXISTS |ONLY |TABLE )*(\S+)|^CREATE (?:UNIQUE INDEX|TRIGGER|CONSTRAINT TRIGGER).*? ON (\S+)|^REVOKE .* ON (?:TABLE |FUNCTION )?([^\s(]+)/.exec(statement)?.slice(1).find(Boolean);

const LIST = /CHECK \((\w+) IN \(([^)]*)\)\)/;

function widens(statement: string, before: readonly string[]): boolean {
  const [, column, values] = LIST.exec(statement) ?? [];
  if (!column || !/^ALTER TABLE \S+ ADD CONSTRAINT/.test(statement)) return false;
  const lists = before.filter((earlier) => [madeBy(earlier), subjectOf(earlier)].includes(subjectOf(statement))).flatMap((earlier) => [...earlier.matchAll(new RegExp(LIST, "g"))].filter((match) => match[1] === column).map((match) => match[2]!));
  const set = (list: string) => new Set(list.split(",").map((value) => value.trim()));
  const now = set(values!);
  return lists.length > 0 && [...set(lists.at(-1)!)].every((value) => now.has(value));
}

import { isRefusal } from "../../lib/errors.ts";
import { mask } from "./mask.ts";

interface Known { code?: unknown; severity?: unknown; constraint?: string; table?: string; original?: unknown; parent?: unknown; responseCode?: number; command?: string }

/** PostgreSQL's own, as `pg` throws them; another node's come as plain errors of that name. */
const isPostgres = (error: Error, { code, severity }: Known): boolean => typeof code === "string" && (severity !== undefined || (error.name === "error" && /^[0-9A-Z]{5}$/.test(code)));
/** `Unexpected token 'o', "olive@…" is not valid JSON`, `Invalid time zone specified: …` */
const QUOTING = new Set(["SyntaxError", "RangeError"]);

/** Why something failed, as it may stand in a log. What is known to quote the data at hand (PostgreSQL, parsers, mail servers, our own refusals) is named by its code alone. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return mask(String(error));
  const { code, constraint, table, original, parent, responseCode, command } = error as Error & Known;
  const inner = original ?? parent;
  if (inner instanceof Error && inner !== error) return reasonOf(inner);
  if (isRefusal(error)) return `refused: ${error.type}${typeof error.data.reason === "string" ? ` (${mask(error.data.reason)})` : ""}`;
  if (isPostgres(error, error as Known)) return `PostgreSQL ${String(code)}${table ? ` in ${table}` : ""}${constraint ? ` by ${constraint}` : ""}`;
  if (command !== undefined && typeof code === "string") return `SMTP ${code}${responseCode ? ` ${responseCode}` : ""} at ${mask(command)}`;
  if (QUOTING.has(error.name)) return `${error.name}: ${error.message.split(/[:"'`]/, 1)[0]!.trimEnd()}`;
  return mask(error.name === "Error" ? error.message : `${error.name}: ${error.message}`);
}

/** The reason, and where in the code: the stack without the message that it repeats. */
export function stackOf(error: unknown): string {
  const frames = error instanceof Error ? (error.stack ?? "").split("\n").filter((line) => /^\s+at /.test(line)) : [];
  return [reasonOf(error), ...frames].join("\n");
}

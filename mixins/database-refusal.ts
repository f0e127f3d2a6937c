import { DomainError, refuse } from "../lib/errors.ts";

const RETRYABLE = new Set(["40001", "40P01", "55P03", "57014", "57P01", "57P02", "57P03", "53300", "53100", "25P03", "25P02", "08006", "08003", "08001", "08P01"]);
const REFUSED = new Set(["22021", "22P05"]);

/** What the database says, as the client may hear it: busy or away → 503, a unique key → 409; anything else stays our bug. */
export function asRefusal(error: unknown): unknown {
  if (error instanceof DomainError || !(error instanceof Error)) return error;
  const { code, constraint, original, parent } = error as { code?: string; constraint?: string; original?: unknown; parent?: unknown };
  if (code === "23505") return refuse.already_exists("There is one with this key already", { constraint: constraint ?? null });
  if (code === "23503") return refuse.in_use("Something else refers to this, or what it refers to is not there", { constraint: constraint ?? null });
  if (code !== undefined && REFUSED.has(code)) return refuse.invalid_request("The text holds a character that cannot be stored");
  if (code !== undefined && (RETRYABLE.has(code) || /^(ECONN|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN)/.test(code))) return refuse.unavailable("The database is busy or away", { reason: code });
  if (/^Sequelize(Connection|Connect|Host|Invalid)/.test(error.name) || /Connection terminated|not queryable|connection error|connection manager was closed/i.test(error.message)) return refuse.unavailable("The database is away", { reason: error.name });
  const inner = original ?? parent;
  return inner instanceof Error ? asRefusal(inner) : error;
}

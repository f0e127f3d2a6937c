import { readFileSync } from "node:fs";

/** The nine services, in the order of start. */
export const SERVICE_NAMES = ["auth", "entity", "catalog", "payment", "order", "purchasing", "report", "workflow", "api"] as const;
export type ServiceName = (typeof SERVICE_NAMES)[number];
/** Services with a schema, a role and a pool of their own: all but the edge. */
export const DATABASE_SERVICES = SERVICE_NAMES.filter((name) => name !== "api");

export interface Environment {
  readonly host: string;
  readonly port: number;
  readonly dataDir: string;
  readonly databaseUrl: string | undefined;
  readonly serviceDatabaseUrls: Readonly<Partial<Record<ServiceName, string>>>;
  readonly services: readonly ServiceName[];
  readonly rateLimitPerMinute: number;
  readonly logLevel: string;
  readonly logFormat: "pretty" | "json";
  readonly jwtPrivateKey: string | undefined;
  readonly dataEncryptionKey: string | undefined;
  readonly smtpUrl: string | undefined;
  readonly poolSize: number;
  readonly trustedProxies: number;
}

/** A setting that stops the start: its message is one sentence that names the variable and says what to do. */
export class SettingError extends Error {}

type Variables = Readonly<Record<string, string | undefined>>;
const LOG_LEVELS = ["fatal", "error", "warn", "info", "debug", "trace"];

/** Reads and checks every variable once, before anything is started.
 *  @throws SettingError with one sentence that names the variable */
export function readEnvironment(variables: Variables = process.env): Environment {
  const databaseUrl = text(variables, "DATABASE_URL");
  if (databaseUrl) postgresUrl("DATABASE_URL", databaseUrl);
  const environment: Environment = {
    host: text(variables, "HOST") ?? "127.0.0.1",
    port: wholeNumber(variables, "PORT", 3000, 0, 65_535),
    dataDir: text(variables, "DATA_DIR") ?? ".data",
    databaseUrl,
    serviceDatabaseUrls: serviceUrls(variables),
    services: serviceList(text(variables, "SERVICES")),
    // 200 a second for one credential: a busy till sends two, a web shop's server a few dozen.
    rateLimitPerMinute: wholeNumber(variables, "RATE_LIMIT_PER_MINUTE", 12_000, 0, 100_000_000),
    logLevel: oneOf("LOG_LEVEL", text(variables, "LOG_LEVEL") ?? "info", LOG_LEVELS),
    logFormat: oneOf("LOG_FORMAT", text(variables, "LOG_FORMAT") ?? (process.stdout.isTTY ? "pretty" : "json"), ["pretty", "json"]) as "pretty" | "json",
    jwtPrivateKey: secret(variables, "JWT_PRIVATE_KEY"),
    dataEncryptionKey: secret(variables, "DATA_ENCRYPTION_KEY"),
    smtpUrl: secret(variables, "SMTP_URL"),
    poolSize: wholeNumber(variables, "DATABASE_POOL_SIZE", 10, 2, 200),
    trustedProxies: wholeNumber(variables, "TRUSTED_PROXIES", 0, 0, 10),
  };
  if (databaseUrl) requireSecrets(environment);
  return environment;
}

function text(variables: Variables, name: string): string | undefined {
  const value = variables[name]?.trim();
  return value ? value : undefined;
}

function secret(variables: Variables, name: string): string | undefined {
  const path = text(variables, `${name}_FILE`);
  if (!path) return text(variables, name);
  try {
    return readFileSync(path, "utf8").trim();
  } catch {
    throw new SettingError(`${name}_FILE names ${path}, which cannot be read: give a readable file.`);
  }
}

function wholeNumber(variables: Variables, name: string, fallback: number, least: number, most: number): number {
  const value = text(variables, name);
  if (value === undefined) return fallback;
  const number = Number(value);
  if (!/^\d+$/.test(value) || number < least || number > most) throw new SettingError(`${name} is "${value}": give a whole number from ${least} to ${most}.`);
  return number;
}

function oneOf(name: string, value: string, allowed: readonly string[]): string {
  if (!allowed.includes(value)) throw new SettingError(`${name} is "${value}": give one of ${allowed.join(", ")}.`);
  return value;
}

function serviceList(value: string | undefined): readonly ServiceName[] {
  if (!value) return SERVICE_NAMES;
  const names = value.split(",").map((name) => name.trim()).filter(Boolean);
  const unknown = names.find((name) => !(SERVICE_NAMES as readonly string[]).includes(name));
  if (unknown !== undefined) throw new SettingError(`SERVICES names "${unknown}": the services are ${SERVICE_NAMES.join(", ")}.`);
  if (names.length < SERVICE_NAMES.length) throw new SettingError("SERVICES names a part of the services: this version runs all nine in one process, so leave it unset.");
  return SERVICE_NAMES;
}

function serviceUrls(variables: Variables): Partial<Record<ServiceName, string>> {
  const urls: Partial<Record<ServiceName, string>> = {};
  for (const name of DATABASE_SERVICES) {
    const variable = `${name.toUpperCase()}_DATABASE_URL`;
    const value = text(variables, variable);
    if (!value) continue;
    if (!text(variables, "DATABASE_URL")) throw new SettingError(`${variable} is set but DATABASE_URL is not: set DATABASE_URL too.`);
    urls[name] = postgresUrl(variable, value);
  }
  return urls;
}

function postgresUrl(name: string, value: string): string {
  if (!URL.canParse(value) || !/^postgres(ql)?:$/.test(new URL(value).protocol)) throw new SettingError(`${name} is not a PostgreSQL URL: give postgresql://user:password@host:5432/database.`);
  return value;
}

function requireSecrets(environment: Environment): void {
  if (!environment.jwtPrivateKey) throw new SettingError("JWT_PRIVATE_KEY is missing: with DATABASE_URL set, give a PKCS#8 PEM of a P-256 or RSA key, or JWT_PRIVATE_KEY_FILE.");
  if (!environment.dataEncryptionKey) throw new SettingError("DATA_ENCRYPTION_KEY is missing: with DATABASE_URL set, give 32 bytes in base64 (openssl rand -base64 32), or DATA_ENCRYPTION_KEY_FILE.");
}

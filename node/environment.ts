import { readFileSync } from "node:fs";

/** The nine services, in the order of start. */
export const SERVICE_NAMES = ["auth", "entity", "catalog", "payment", "order", "purchasing", "report", "workflow", "api"] as const;
export type ServiceName = (typeof SERVICE_NAMES)[number];
/** Services with a schema, a role and a pool of their own: all but the edge. */
export const DATABASE_SERVICES = SERVICE_NAMES.filter((name) => name !== "api");

export interface NatsSettings {
  readonly servers: string;
  readonly user: string | undefined;
  readonly password: string | undefined;
  /** PEM of the authority that signed the server's certificate; TLS is asked for when it is given or the URL says tls://. */
  readonly certificateAuthority: string | undefined;
  /** Copies of the event stream: 3 in a NATS cluster of three. */
  readonly replicas: number;
}

/** Which traces are recorded, in OpenTelemetry's words. */
export interface TracesSampler { readonly name: string | undefined; readonly argument: string | undefined }

export interface Environment {
  readonly host: string;
  readonly port: number;
  readonly dataDir: string;
  readonly databaseUrl: string | undefined;
  readonly serviceDatabaseUrls: Readonly<Partial<Record<ServiceName, string>>>;
  readonly services: readonly ServiceName[];
  readonly nats: NatsSettings | undefined;
  readonly redisUrl: string | undefined;
  /** Prometheus metrics and the probes of a node without an edge; undefined: off. */
  readonly metricsPort: number | undefined;
  /** Where OTLP/HTTP traces go; undefined: off. */
  readonly otlpEndpoint: string | undefined;
  readonly tracesSampler: TracesSampler;
  /** The keys of this node's services alone, in place of JWT_PRIVATE_KEY and DATA_ENCRYPTION_KEY. See node/key-ring.ts. */
  readonly keyRing: string | undefined;
  readonly rateLimitPerMinute: number;
  /** Requests that one edge works on at the same time; what comes beyond is refused. */
  readonly concurrentRequests: number;
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
    nats: natsSettings(variables),
    redisUrl: urlOf("REDIS_URL", text(variables, "REDIS_URL"), /^rediss?:$/, "redis://host:6379"),
    metricsPort: text(variables, "METRICS_PORT") ? wholeNumber(variables, "METRICS_PORT", 0, 0, 65_535) : undefined,
    otlpEndpoint: urlOf("OTEL_EXPORTER_OTLP_ENDPOINT", text(variables, "OTEL_EXPORTER_OTLP_ENDPOINT"), /^https?:$/, "http://collector:4318"),
    tracesSampler: { name: text(variables, "OTEL_TRACES_SAMPLER"), argument: text(variables, "OTEL_TRACES_SAMPLER_ARG") },
    keyRing: fileText(variables, "KEY_RING_FILE"),
    // 200 a second for one credential: a busy till sends two, a web shop's server a few dozen.
    concurrentRequests: wholeNumber(variables, "CONCURRENT_REQUESTS", 512, 1, 100_000),
    rateLimitPerMinute: wholeNumber(variables, "RATE_LIMIT_PER_MINUTE", 12_000, 0, 100_000_000),
    logLevel: oneOf("LOG_LEVEL", text(variables, "LOG_LEVEL") ?? "info", LOG_LEVELS),
    logFormat: oneOf("LOG_FORMAT", text(variables, "LOG_FORMAT") ?? (process.stdout.isTTY ? "pretty" : "json"), ["pretty", "json"]) as "pretty" | "json",
    jwtPrivateKey: secret(variables, "JWT_PRIVATE_KEY"),
    dataEncryptionKey: secret(variables, "DATA_ENCRYPTION_KEY"),
    smtpUrl: secret(variables, "SMTP_URL"),
    poolSize: wholeNumber(variables, "DATABASE_POOL_SIZE", 10, 2, 200),
    trustedProxies: wholeNumber(variables, "TRUSTED_PROXIES", 0, 0, 10),
  };
  requireShape(environment);
  return environment;
}

function text(variables: Variables, name: string): string | undefined {
  const value = variables[name]?.trim();
  return value ? value : undefined;
}

function secret(variables: Variables, name: string): string | undefined {
  return fileText(variables, `${name}_FILE`) ?? text(variables, name);
}

function fileText(variables: Variables, name: string): string | undefined {
  const path = text(variables, name);
  if (!path) return undefined;
  try {
    return readFileSync(path, "utf8").trim();
  } catch {
    throw new SettingError(`${name} names ${path}, which cannot be read: give a readable file.`);
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

/** @throws SettingError for a name that is none */
export function serviceList(value: string | undefined): readonly ServiceName[] {
  if (!value) return SERVICE_NAMES;
  const names = value.split(",").map((name) => name.trim()).filter(Boolean);
  const unknown = names.find((name) => !(SERVICE_NAMES as readonly string[]).includes(name));
  if (unknown !== undefined) throw new SettingError(`SERVICES names "${unknown}": the services are ${SERVICE_NAMES.join(", ")}.`);
  return SERVICE_NAMES.filter((name) => names.includes(name));
}

function natsSettings(variables: Variables): NatsSettings | undefined {
  const servers = text(variables, "NATS_URL");
  if (!servers) return undefined;
  for (const server of servers.split(",")) urlOf("NATS_URL", server.trim(), /^(nats|tls):$/, "nats://host:4222");
  if (new URL(servers.split(",")[0]!).password) throw new SettingError("NATS_URL holds a password: give it as NATS_USER and NATS_PASSWORD, or NATS_PASSWORD_FILE, so that it is in no log.");
  return { servers, user: text(variables, "NATS_USER"), password: secret(variables, "NATS_PASSWORD"), certificateAuthority: fileText(variables, "NATS_CA_FILE"), replicas: wholeNumber(variables, "NATS_REPLICAS", 1, 1, 5) };
}

function urlOf(name: string, value: string | undefined, protocol: RegExp, example: string): string | undefined {
  if (value === undefined) return undefined;
  if (!URL.canParse(value) || !protocol.test(new URL(value).protocol)) throw new SettingError(`${name} is not a URL of its kind: give ${example}.`);
  return value;
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

/** What must be given together. A node of a cluster cannot make up what all nodes share. */
function requireShape(environment: Environment): void {
  const { databaseUrl, nats, services, keyRing } = environment;
  if (services.length < SERVICE_NAMES.length && !nats) throw new SettingError("SERVICES names a part of the services, but NATS_URL is not set: the others could not be reached.");
  if (nats && !databaseUrl) throw new SettingError("NATS_URL is set but DATABASE_URL is not: the nodes of a cluster share a PostgreSQL.");
  if (!databaseUrl || keyRing) return;
  if (!environment.jwtPrivateKey) throw new SettingError("JWT_PRIVATE_KEY is missing: with DATABASE_URL set, give a PKCS#8 PEM of a P-256 or RSA key, or JWT_PRIVATE_KEY_FILE, or KEY_RING_FILE.");
  if (!environment.dataEncryptionKey) throw new SettingError("DATA_ENCRYPTION_KEY is missing: with DATABASE_URL set, give 32 bytes in base64 (openssl rand -base64 32), or DATA_ENCRYPTION_KEY_FILE, or KEY_RING_FILE.");
}

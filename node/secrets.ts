import { createHash, createHmac, createPrivateKey, createPublicKey, createSecretKey, generateKeyPairSync, randomBytes, type JsonWebKey, type KeyObject } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { invariant } from "../lib/errors.ts";
import { SettingError, type Environment } from "./environment.ts";
import { keyFromSeed, keyOf, natsPasswordOf, natsUserOf, readKeyRing, type KeyRing } from "./key-ring.ts";

export interface Secrets {
  /** Signs access tokens: only nodes that host `auth` have it. */
  readonly signingKey: KeyObject | undefined;
  readonly verifyKey: KeyObject;
  readonly algorithm: "ES256" | "RS256";
  readonly keyId: string;
  /** Signs what a service says on its own account. @throws when the service is not this node's */
  serviceKey(service: string): KeyObject;
  /** Verifies what another service says; undefined: there is no such service. */
  servicePublicKey(service: string): KeyObject | undefined;
  /** A key for one purpose, derived from DATA_ENCRYPTION_KEY: cursors, role passwords … never the master key itself. */
  derive(purpose: string): Buffer;
  /** The same, as a key for `createHmac`, which takes six times as long with a buffer. */
  secretKey(purpose: string): KeyObject;
  /** What the NATS server knows this node by. A server that asks nobody who he is pays it no heed. */
  readonly nats: { readonly user: string; readonly password: string };
}

/** Secrets from the environment (a node's own ring, or the master keys), or, in the embedded shape, made once and kept in DATA_DIR (mode 0600). */
export function loadSecrets(environment: Environment): Secrets {
  if (environment.keyRing) return fromRing(readKeyRing(environment.keyRing, environment.services));
  const pem = environment.jwtPrivateKey ?? keep(environment, "jwt-private-key.pem", makeSigningKey);
  const master = environment.dataEncryptionKey ?? keep(environment, "data-encryption-key", () => randomBytes(32).toString("base64"));
  const masterKey = Buffer.from(master.trim(), "base64");
  if (masterKey.length !== 32) throw new SettingError("DATA_ENCRYPTION_KEY is not 32 bytes in base64: make one with openssl rand -base64 32.");
  const derive = remembered((purpose) => createHmac("sha256", masterKey).update(purpose).digest());
  const serviceKey = remembered((service) => keyFromSeed(derive(`service:${service}`)));
  const signingKey = readSigningKey(pem), user = natsUserOf(environment.services);
  return { signingKey, ...verification(createPublicKey(signingKey)), derive, secretKey: secretKeys(derive), serviceKey, servicePublicKey: remembered((service) => createPublicKey(serviceKey(service))), nats: { user, password: natsPasswordOf(derive, user) } };
}

const secretKeys = (derive: Secrets["derive"]): Secrets["secretKey"] => remembered((purpose) => createSecretKey(derive(purpose)));

function fromRing(ring: KeyRing): Secrets {
  const publicKeys = new Map(Object.entries(ring.servicePublicKeys).map(([service, jwk]) => [service, createPublicKey({ key: jwk as JsonWebKey, format: "jwk" })]));
  const derive = remembered((purpose: string) => {
    const key = ring.derived[purpose];
    invariant(key, `the key ring of this node has no key for ${purpose}`);
    return Buffer.from(key, "base64");
  });
  return {
    signingKey: ring.accessPrivateKey ? readSigningKey(ring.accessPrivateKey) : undefined,
    ...verification(createPublicKey(ring.accessPublicKey)),
    serviceKey: remembered((service) => keyOf(ring.serviceKeys, service)),
    servicePublicKey: (service) => publicKeys.get(service),
    derive, secretKey: secretKeys(derive),
    nats: ring.nats,
  };
}

/** A handful of purposes and services, and each request asks for some. */
function remembered<T>(make: (name: string) => T): (name: string) => T {
  const made = new Map<string, T>();
  return (name) => {
    let value = made.get(name);
    if (value === undefined) made.set(name, (value = make(name)));
    return value;
  };
}

function makeSigningKey(): string {
  return generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({ type: "pkcs8", format: "pem" }).toString();
}

function keep(environment: Environment, name: string, make: () => string): string {
  const directory = join(environment.dataDir, "secrets");
  const path = join(directory, name);
  if (!existsSync(path)) {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    writeFileSync(path, make(), { mode: 0o600 });
  }
  return readFileSync(path, "utf8");
}

function readSigningKey(pem: string): KeyObject {
  try {
    return createPrivateKey(pem.replaceAll("\\n", "\n"));
  } catch {
    throw new SettingError("JWT_PRIVATE_KEY cannot be read: give a PKCS#8 PEM of a P-256 or RSA key.");
  }
}

function verification(verifyKey: KeyObject): Pick<Secrets, "verifyKey" | "algorithm" | "keyId"> {
  const isP256 = verifyKey.asymmetricKeyType === "ec" && verifyKey.asymmetricKeyDetails?.namedCurve === "prime256v1";
  if (!isP256 && verifyKey.asymmetricKeyType !== "rsa") throw new SettingError("JWT_PRIVATE_KEY is of another kind: give a P-256 or RSA key.");
  const keyId = createHash("sha256").update(verifyKey.export({ type: "spki", format: "der" })).digest("base64url").slice(0, 16);
  return { verifyKey, algorithm: isP256 ? "ES256" : "RS256", keyId };
}

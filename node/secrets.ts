import { createHash, createHmac, createPrivateKey, createPublicKey, generateKeyPairSync, randomBytes, type KeyObject } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { SettingError, type Environment } from "./environment.ts";

export interface Secrets {
  readonly signingKey: KeyObject;
  readonly verifyKey: KeyObject;
  readonly algorithm: "ES256" | "RS256";
  readonly keyId: string;
  /** A key for one purpose, derived from DATA_ENCRYPTION_KEY: cursors, role passwords … never the master key itself. */
  derive(purpose: string): Buffer;
}

/** Secrets from the environment, or, in the embedded shape, made once and kept in DATA_DIR (mode 0600). */
export function loadSecrets(environment: Environment): Secrets {
  const pem = environment.jwtPrivateKey ?? keep(environment, "jwt-private-key.pem", makeSigningKey);
  const master = environment.dataEncryptionKey ?? keep(environment, "data-encryption-key", () => randomBytes(32).toString("base64"));
  const masterKey = Buffer.from(master.trim(), "base64");
  if (masterKey.length !== 32) throw new SettingError("DATA_ENCRYPTION_KEY is not 32 bytes in base64: make one with openssl rand -base64 32.");
  const derived = new Map<string, Buffer>(); // a handful of purposes, and a cursor asks with each page
  return {
    ...signing(pem),
    derive(purpose) {
      let key = derived.get(purpose);
      if (!key) derived.set(purpose, (key = createHmac("sha256", masterKey).update(purpose).digest()));
      return key;
    },
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

function signing(pem: string): Pick<Secrets, "signingKey" | "verifyKey" | "algorithm" | "keyId"> {
  let signingKey: KeyObject;
  try {
    signingKey = createPrivateKey(pem.replaceAll("\\n", "\n"));
  } catch {
    throw new SettingError("JWT_PRIVATE_KEY cannot be read: give a PKCS#8 PEM of a P-256 or RSA key.");
  }
  const isP256 = signingKey.asymmetricKeyType === "ec" && signingKey.asymmetricKeyDetails?.namedCurve === "prime256v1";
  if (!isP256 && signingKey.asymmetricKeyType !== "rsa") throw new SettingError("JWT_PRIVATE_KEY is of another kind: give a P-256 or RSA key.");
  const verifyKey = createPublicKey(signingKey);
  const keyId = createHash("sha256").update(verifyKey.export({ type: "spki", format: "der" })).digest("base64url").slice(0, 16);
  return { signingKey, verifyKey, algorithm: isP256 ? "ES256" : "RS256", keyId };
}

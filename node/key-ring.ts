import { createECDH, createPrivateKey, type JsonWebKey, type KeyObject } from "node:crypto";
import { Type, type Static } from "typebox";
import { Value } from "typebox/value";
import { invariant } from "../lib/errors.ts";
import { SERVICE_NAMES, SettingError, type ServiceName } from "./environment.ts";

const Jwk = Type.Record(Type.String(), Type.String());

/** The keys of one node's services and no other's: what a node of a cluster is given in place of the master keys, so that it can act as no other service.
 *  `derived` by purpose, base64; public keys of all, private keys of its own. */
export const KeyRing = Type.Object({
  services: Type.Array(Type.String()),
  derived: Type.Record(Type.String(), Type.String()),
  serviceKeys: Type.Record(Type.String(), Jwk),
  servicePublicKeys: Type.Record(Type.String(), Jwk),
  accessPublicKey: Type.String(),
  accessPrivateKey: Type.Optional(Type.String()),
  nats: Type.Object({ user: Type.String(), password: Type.String() }),
});
export type KeyRing = Static<typeof KeyRing>;

/** A P-256 key whose private scalar is the seed: the same on every node that can derive the seed. */
export function keyFromSeed(seed: Buffer): KeyObject {
  const ecdh = createECDH("prime256v1");
  ecdh.setPrivateKey(seed);
  const point = ecdh.getPublicKey();
  const jwk: JsonWebKey = { kty: "EC", crv: "P-256", d: seed.toString("base64url"), x: point.subarray(1, 33).toString("base64url"), y: point.subarray(33, 65).toString("base64url") };
  return createPrivateKey({ key: jwk, format: "jwk" });
}

/** A developer's or operator's console: it hosts nothing and acts as itself. Its ring is the one without services, and opens everything to its holder. */
export const CONSOLE = "repl";

/** What a NATS server knows a node by: its services' names. */
export const natsUserOf = (services: readonly string[]): string => (services.length === SERVICE_NAMES.length ? "all" : services.join("-") || CONSOLE);
export const natsPasswordOf = (derive: (purpose: string) => Buffer, user: string): string => derive(`nats:${user}`).toString("base64url");

/** @throws SettingError when the text is no ring, or lacks a service that this node is to host */
export function readKeyRing(text: string, services: readonly ServiceName[]): KeyRing {
  let ring: unknown;
  try {
    ring = JSON.parse(text);
  } catch {
    ring = undefined;
  }
  if (!Value.Check(KeyRing, ring)) throw new SettingError("KEY_RING_FILE does not hold a key ring: make one with npm run keys.");
  const missing = services.find((service) => !ring.services.includes(service));
  if (missing) throw new SettingError(`KEY_RING_FILE has no keys of ${missing}, which SERVICES names: make its ring with npm run keys.`);
  return ring;
}

/** A key of the ring, or of the master. */
export function keyOf(keys: KeyRing["serviceKeys"], service: string): KeyObject {
  const jwk = keys[service];
  invariant(jwk, `the key ring of this node has no key of ${service}`);
  return createPrivateKey({ key: jwk as JsonWebKey, format: "jwk" });
}

import { createPublicKey } from "node:crypto";
import { SERVICE_NAMES, type ServiceName } from "./environment.ts";
import { CONSOLE, natsPasswordOf, natsUserOf, type KeyRing } from "./key-ring.ts";
import { roleOf, workerRoleOf } from "./roles.ts";
import type { Secrets } from "./secrets.ts";

/** Purposes that every service derives keys for, and those of one alone. A ring without a purpose stops the code that asks for it. */
const SHARED_PURPOSES = ["cursor", "idempotency"];
const OWN_PURPOSES: Partial<Record<ServiceName, readonly string[]>> = { auth: ["audit-log", "login-failure", "api-key", "request-with-password"], entity: ["device-token"], api: ["rate-limit"] };

/** Cuts the ring of some services out of the master keys.
 *  @param secrets the master's: only a holder of JWT_PRIVATE_KEY and DATA_ENCRYPTION_KEY can do this */
export function cutKeyRing(secrets: Secrets, services: readonly ServiceName[]): KeyRing {
  const purposes = [
    ...SHARED_PURPOSES,
    ...services.flatMap((service) => OWN_PURPOSES[service] ?? []),
    ...services.filter((service) => service !== "api").flatMap((service) => [roleOf(service), workerRoleOf(service)]).map((role) => `database-role:${role}`),
  ];
  const user = natsUserOf(services);
  return {
    services: [...services],
    derived: Object.fromEntries(purposes.map((purpose) => [purpose, secrets.derive(purpose).toString("base64")])),
    serviceKeys: Object.fromEntries((services.length > 0 ? services : [CONSOLE]).map((service) => [service, secrets.serviceKey(service).export({ format: "jwk" }) as Record<string, string>])),
    servicePublicKeys: Object.fromEntries([...SERVICE_NAMES, CONSOLE].map((service) => [service, createPublicKey(secrets.serviceKey(service)).export({ format: "jwk" }) as Record<string, string>])),
    accessPublicKey: secrets.verifyKey.export({ type: "spki", format: "pem" }).toString(),
    ...(services.includes("auth") ? { accessPrivateKey: secrets.signingKey!.export({ type: "pkcs8", format: "pem" }).toString() } : {}),
    nats: { user, password: natsPasswordOf(secrets.derive, user) },
  };
}

import { createHmac } from "node:crypto";
import type { ServiceBroker } from "moleculer";
import { platformOf } from "../../../node/platform.ts";
import { emailKey } from "../domain/email.ts";
import { lockSeconds } from "../domain/lockout.ts";
import { refuse } from "../errors.ts";
import { countFailure, forgive, lockedFor } from "../models/log-ins.model.ts";

/* Slows guessing down per e-mail address, known or not. Addresses stand in the table as keyed hashes: it is no list of who tried. */

/** @throws login_locked (429) with the seconds to wait */
export async function mustBeOpen(broker: ServiceBroker, email: string): Promise<void> {
  const seconds = await platformOf(broker).worker("auth").asWorker((tx) => lockedFor(tx, hashOf(broker, email)));
  if (seconds > 0) throw refuse.login_locked(undefined, { retryAfter: seconds });
}

export const failed = (broker: ServiceBroker, email: string): Promise<void> =>
  platformOf(broker).worker("auth").asWorker((tx) => countFailure(tx, hashOf(broker, email), lockSeconds));

export const succeeded = (broker: ServiceBroker, email: string): Promise<number> =>
  platformOf(broker).worker("auth").asWorker((tx) => forgive(tx, hashOf(broker, email)));

const hashOf = (broker: ServiceBroker, email: string): Buffer =>
  createHmac("sha256", platformOf(broker).secrets.secretKey("login-failure")).update(emailKey(email)).digest();

import type { ServiceBroker } from "moleculer";
import { refuse } from "../../lib/errors.ts";
import { DATABASE_SERVICES } from "../../node/environment.ts";
import { platformOf } from "../../node/platform.ts";

const PING_TIMEOUT_MS = 2_000;

/** Every database that the services of this node use answers. @throws unavailable (503) naming the one that does not */
export async function requireReady(broker: ServiceBroker, draining: boolean): Promise<void> {
  if (draining) throw refuse.unavailable("The node is stopping", { dependency: "node" });
  const hosted = new Set(broker.services.map((service) => service.name));
  await Promise.all(DATABASE_SERVICES.filter((name) => hosted.has(name)).map((name) => ping(broker, name)));
}

async function ping(broker: ServiceBroker, service: string): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => { timer = setTimeout(() => reject(new Error("timed out")), PING_TIMEOUT_MS); });
  try {
    await Promise.race([platformOf(broker).database(service).ping(), late]);
  } catch {
    throw refuse.unavailable(`The database of ${service} does not answer`, { dependency: `${service} database` });
  } finally {
    clearTimeout(timer);
  }
}

import type { ServiceBroker } from "moleculer";
import { platformOf } from "../node/platform.ts";
import { outsideTransaction, sql } from "./database.ts";

const EPOCH = sql("epoch.current", "SELECT epoch FROM restored ORDER BY restored_at DESC LIMIT 1");
const known = new WeakMap<ServiceBroker, Map<string, string>>();

/** The epoch of a service's data: "" until a backup is restored, then the id of the last restore. Asked once: a restore refuses a database that nodes are using.
 *  @throws unavailable when the database is away */
export async function epochOf(broker: ServiceBroker, service: string): Promise<string> {
  let epochs = known.get(broker);
  if (!epochs) known.set(broker, (epochs = new Map()));
  const remembered = epochs.get(service);
  if (remembered !== undefined) return remembered;
  const [row] = await outsideTransaction(() => platformOf(broker).worker(service).asWorker((tx) => tx.query<{ epoch: string }>(EPOCH)));
  const epoch = row?.epoch ?? "";
  epochs.set(service, epoch);
  return epoch;
}

import { Transporters } from "moleculer";
import type { NatsConnection } from "nats";

interface Outbound { flushPending(): void; pendingLimit: number; outbound: { size(): number } }

/** What is sent within one turn of the event loop leaves in one write. The client itself writes after each microtask, which under load is each message: a write is the dearest thing
 *  that a message costs its sender, and each wakes the server and the receiver anew. Nothing waits longer than for what has arrived to be handled. */
export function gatherWrites(connection: NatsConnection): NatsConnection {
  const protocol = (connection as unknown as { protocol: Outbound }).protocol, flush = protocol.flushPending.bind(protocol);
  let due = false;
  protocol.flushPending = () => {
    if (protocol.outbound.size() >= protocol.pendingLimit) return flush();
    if (due) return;
    due = true;
    setImmediate(() => { due = false; flush(); });
  };
  return connection;
}

/** Moleculer's transporter, gathering. */
export class NatsTransporter extends Transporters.NATS {
  override async connect(): Promise<void> {
    await super.connect();
    gatherWrites((this as unknown as { client: NatsConnection }).client);
  }
}

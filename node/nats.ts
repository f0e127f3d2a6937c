import { connect, type ConnectionOptions, type NatsConnection } from "nats";
import type { Environment, NatsSettings } from "./environment.ts";
import type { Secrets } from "./secrets.ts";

/** Moleculer's subjects, in the namespace of moleculer.config.ts. */
export const CALLS = "MOL-beaveros";
/** After this long without an answer the server counts as gone. */
const PING_MS = 2_000;
const RECONNECT_MS = 500;

/** For both users of NATS, Moleculer's transporter and the events: never gives up, because a node without NATS is not ready but not broken either. */
export function natsOptions(settings: NatsSettings, secrets: Pick<Secrets, "nats">, name: string): ConnectionOptions {
  const user = settings.user ?? secrets.nats.user, pass = settings.password ?? secrets.nats.password;
  const tls = settings.certificateAuthority ?? settings.servers.includes("tls://");
  return {
    servers: settings.servers.split(",").map((server) => new URL(server.trim()).host), name, maxReconnectAttempts: -1, reconnectTimeWait: RECONNECT_MS, pingInterval: PING_MS, maxPingOut: 2,
    user, pass, inboxPrefix: inboxOf(user),
    noAsyncTraces: true, // else each request takes two stack traces along, for an error that seldom comes
    ...(tls ? { tls: settings.certificateAuthority ? { ca: settings.certificateAuthority } : {} } : {}),
  };
}

/** Where answers to a user come, and no other user may listen. */
export const inboxOf = (user: string): string => `_INBOX_${user}`;

/** Why NATS does not serve us, as one sentence; undefined: it does. Tried on a connection of its own. */
export async function natsTrouble(environment: Environment, secrets: Pick<Secrets, "nats">): Promise<string | undefined> {
  const { nats } = environment;
  if (!nats) return undefined;
  let connection: NatsConnection | undefined;
  try {
    connection = await connect({ ...natsOptions(nats, secrets, "beaveros-probe"), reconnect: false, timeout: 3_000 });
    await (await connection.jetstreamManager({ timeout: 3_000, checkAPI: false })).streams.find(PROBE_SUBJECT).catch(requireJetStream);
    return undefined;
  } catch (error) {
    return explainNats(error as Error & { code?: string }, nats.servers);
  } finally {
    await connection?.close();
  }
}

const PROBE_SUBJECT = "beaveros.events.probe";

/** That no stream takes the subject yet is an answer of JetStream; silence is none. */
function requireJetStream(error: Error & { code?: string }): void {
  if (error.code === "503" || error.code === "TIMEOUT" || /no responders|jetstream not enabled/i.test(error.message)) throw error;
}

/** @returns what to do, as one sentence */
export function explainNats({ code, message }: Error & { code?: string }, servers: string): string {
  if (code === "AUTHORIZATION_VIOLATION" || code === "AUTHENTICATION_EXPIRED") return `NATS at ${servers} refuses the credentials: mend NATS_USER and NATS_PASSWORD, or the node's KEY_RING_FILE.`;
  if (code === "503" || /no responders|jetstream/i.test(message)) return `NATS at ${servers} has no JetStream: start it with --jetstream.`;
  if (/certificate|self.signed|issuer|TLS|SSL/i.test(message)) return `NATS at ${servers} shows a certificate that NATS_CA_FILE does not vouch for (${message}).`;
  return `NATS_URL ${servers} does not answer (${message || code}): start NATS there, or mend NATS_URL.`;
}

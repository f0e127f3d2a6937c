import { randomBytes } from "node:crypto";
import { Serializers, ServiceBroker } from "moleculer";
import { connect, type NatsConnection } from "nats";
import type { Environment } from "./environment.ts";
import { discordWith, objectionTo, startOf, type Introduction } from "./introduction.ts";
import { CALLS, explainNats, natsOptions } from "./nats.ts";
import type { Secrets } from "./secrets.ts";

/** Nodes answer at once when asked who they are; one that does not is noticed when we are up. */
const ANSWER_MS = 500;

/** Asks all nodes who they are, before this one becomes one of them: of two versions that misread each other the younger waits, and neither calls nor events cross.
 *  @returns one sentence; undefined: there is none of another version */
export async function discordTrouble({ nats }: Environment, secrets: Secrets): Promise<string | undefined> {
  if (!nats) return undefined;
  let connection: NatsConnection | undefined;
  try {
    connection = await connect({ ...natsOptions(nats, secrets, "beaveros-probe"), reconnect: false, timeout: 3_000 });
    const believed = (await introductions(connection, nats.user ?? secrets.nats.user)).filter((info) => objectionTo(secrets, info) === undefined);
    return believed.map(discordWith).find((sentence) => sentence !== undefined);
  } catch (error) {
    return explainNats(error as Error, nats.servers);
  } finally {
    await connection?.close();
  }
}

async function introductions(connection: NatsConnection, user: string): Promise<Introduction[]> {
  const name = `${user}.probe-${randomBytes(6).toString("hex")}`, heard: Introduction[] = [];
  const coder = new Serializers.CBOR() as unknown as { init(broker: object): void; serialize(payload: object): Uint8Array; deserialize(data: Buffer): Introduction };
  coder.init({});
  connection.subscribe(`${CALLS}.INFO.${name}`, { callback: (error, message) => { if (!error) heard.push(coder.deserialize(Buffer.from(message.data))); } });
  connection.publish(`${CALLS}.DISCOVER`, coder.serialize({ ver: ServiceBroker.PROTOCOL_VERSION, sender: name }));
  await new Promise((wake) => setTimeout(wake, ANSWER_MS));
  return heard;
}

/** A node that is there says so each second. */
const FRESH_MS = 5_000;
interface Elder { readonly heardAt: number; readonly sentence: string }
const elders = new WeakMap<ServiceBroker, Elder>();

/** A running node hears of one of another version. The younger of the two is not ready while the other is there. */
export function noteDiscord(broker: ServiceBroker, { sender, metadata }: Introduction, sentence: string): void {
  const theirs = metadata?.startedAt ?? 0, ours = startOf(broker);
  if (theirs < ours || (theirs === ours && sender < broker.nodeID)) elders.set(broker, { heardAt: Date.now(), sentence });
}

/** @returns the sentence, while an older node of another version is there */
export function discordOf(broker: ServiceBroker): string | undefined {
  const elder = elders.get(broker);
  return elder && Date.now() - elder.heardAt < FRESH_MS ? elder.sentence : undefined;
}

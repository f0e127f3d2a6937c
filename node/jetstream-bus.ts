import {
  AckPolicy, connect, DeliverPolicy, DiscardPolicy, ErrorCode, nanos, RetentionPolicy, StorageType, type ConsumerConfig, type JetStreamClient, type JetStreamManager, type JsMsg, type NatsConnection, type StreamConfig,
} from "nats";
import type { CloudEvent, Consumer, EventBus } from "./event-bus.ts";
import { gatherWrites } from "./gather-writes.ts";
import { reasonOf } from "./log/reason.ts";

export const STREAM = "BEAVEROS_EVENTS";
export const SUBJECTS = "beaveros.events";
/** Longer than any relay is away between two tries of the same event: the message id is remembered this long. */
const DEDUPE_MS = 10 * 60_000;
/** As long as the outboxes keep what they sent. */
const KEEP_MS = 7 * 24 * 3_600_000;
/** Who has not answered by then is taken for away. */
const ANSWER_TIMEOUT_MS = 5_000;
const BATCH_MAX = 500;
/** A pull waits this long for the first message, shorter than the database suffers an idle transaction. */
const PULL_MS = 2_000;
/** Another node consumes: look again. When it dies, its database session ends with it and this is how long nobody consumes. */
const FOLLOW_MS = 1_000;
/** A consumer that died in the middle of a batch: its messages come again. */
const ACK_WAIT_MS = 15_000;
const RETRY_MS = 1_000;
const RETRY_MAX_MS = 10_000;

interface Log { warn(fields: object, text: string): void; error(fields: object, text: string): void }

/** Events over NATS JetStream: message id = event id, one durable consumer per service, acknowledged after the consumer's commit. */
export class JetStreamBus implements EventBus {
  readonly #connection: NatsConnection;
  readonly #log: Log;
  readonly #consumers: Consumer[] = [];
  readonly #replicas: number;
  #stream: Promise<string> | undefined;
  #stopping = false;
  #loops: Promise<void>[] = [];

  private constructor(connection: NatsConnection, log: Log, replicas: number) {
    this.#connection = connection;
    this.#log = log;
    this.#replicas = replicas;
    void this.#watch();
  }

  static async connect(options: Parameters<typeof connect>[0], log: Log, replicas = 1): Promise<JetStreamBus> {
    return new JetStreamBus(gatherWrites(await connect({ ...options, waitOnFirstConnect: true })), log, replicas);
  }

  subscribe(consumer: Consumer): void {
    if (consumer.types.size > 0) this.#consumers.push(consumer);
  }

  /** In order; resolves when JetStream has stored every one. @throws when one is not certain: the relay sends the batch again, and what is stored already is known by its id */
  async publish(events: readonly CloudEvent[]): Promise<void> {
    if (!this.#connected) throw new Error("NATS is away");
    await this.incarnation();
    const js = this.#connection.jetstream({ timeout: ANSWER_TIMEOUT_MS });
    try {
      const acks = await Promise.allSettled(events.map((event) => js.publish(subjectOf(event), JSON.stringify(event), { msgID: messageId(event), expect: { streamName: STREAM } })));
      const failed = acks.find((ack) => ack.status === "rejected");
      if (failed) throw failed.reason;
    } catch (error) {
      this.#stream = undefined; // it may be gone
      throw error;
    }
  }

  incarnation(): Promise<string> {
    this.#stream ??= this.#ensureStream();
    this.#stream.catch(() => { this.#stream = undefined; });
    return this.#stream;
  }

  async start(): Promise<void> {
    this.#loops = this.#consumers.map((consumer) => this.#consume(consumer));
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    await Promise.all(this.#loops);
    await this.#connection.drain();
  }

  get connected(): boolean {
    return this.#connected;
  }
  #connected = true;

  /** After a break the server may be another, or the same with an empty store. */
  async #watch(): Promise<void> {
    for await (const { type } of this.#connection.status()) {
      if (type === "disconnect") this.#connected = false;
      if (type === "reconnect") {
        this.#connected = true;
        this.#stream = undefined;
      }
    }
    this.#connected = false;
  }

  #manager(): Promise<JetStreamManager> {
    return this.#connection.jetstreamManager({ timeout: ANSWER_TIMEOUT_MS, checkAPI: false });
  }

  async #ensureStream(): Promise<string> {
    const manager = await this.#manager();
    const config: Partial<StreamConfig> = {
      name: STREAM, subjects: [`${SUBJECTS}.>`], retention: RetentionPolicy.Limits, storage: StorageType.File, discard: DiscardPolicy.Old, num_replicas: this.#replicas,
      max_age: nanos(KEEP_MS), duplicate_window: nanos(DEDUPE_MS),
    };
    const info = await manager.streams.info(STREAM).catch(() => manager.streams.add(config));
    return String(info.created);
  }

  async #ensureConsumer({ service, types }: Consumer): Promise<void> {
    await this.incarnation();
    const version = this.#connection.info?.version;
    if (!version) throw new Error("NATS is away");
    const [major, minor] = version.split(".").map(Number);
    // Several filters came with 2.10; before it what one pattern covers is pulled, and what the service does not want of it is acknowledged unread.
    const filters = (major! > 2 || minor! >= 10 ? [...types] : [patternOf(types)]).map((type) => `${SUBJECTS}.${type}`);
    const config: Partial<ConsumerConfig> = {
      durable_name: service, ack_policy: AckPolicy.Explicit, deliver_policy: DeliverPolicy.All, ack_wait: nanos(ACK_WAIT_MS), max_ack_pending: 2 * BATCH_MAX,
      ...(filters.length === 1 ? { filter_subject: filters[0]! } : { filter_subjects: filters }),
    };
    await (await this.#manager()).consumers.add(STREAM, config);
  }

  async #consume(consumer: Consumer): Promise<void> {
    let ensuredIn: string | undefined, failures = 0;
    while (!this.#stopping) {
      try {
        // Asked of each store once: where there is no such consumer, a pull is not refused but never answered, which looks as if nothing came.
        const store = await this.incarnation();
        if (store !== ensuredIn) await this.#ensureConsumer(consumer);
        ensuredIn = store;
        const led = await consumer.lead(() => this.#pull(consumer));
        if (!led) await this.#pause(FOLLOW_MS);
        failures = 0;
      } catch (error) {
        ensuredIn = undefined;
        failures++;
        if (failures === 3) this.#log.warn({ service: consumer.service, reason: reasonOf(error) }, "events wait: their consumer tries again");
        await this.#pause(Math.min(RETRY_MAX_MS, RETRY_MS * failures));
      }
    }
  }

  #pause(ms: number): Promise<void> {
    return new Promise((wake) => {
      const started = Date.now();
      const timer = setInterval(() => {
        if (!this.#stopping && Date.now() - started < ms) return;
        clearInterval(timer);
        wake();
      }, 100);
    });
  }

  /** Waits for one message, then takes along what has come by then: waiting for a full batch would only make the report older. */
  async #pull(consumer: Consumer): Promise<void> {
    const js = this.#connection.jetstream({ timeout: ANSWER_TIMEOUT_MS });
    const first = await js.pull(STREAM, consumer.service, PULL_MS).catch(nothingCame);
    if (!first) return;
    const messages = [first];
    const more = Math.min(BATCH_MAX - 1, first.info.pending);
    if (more > 0) messages.push(...await this.#fetch(js, consumer, more));
    await this.#apply(consumer, messages);
  }

  /** Without a time a fetch whose server dies in its middle never ends, and with it the consumer of this node. @throws then: nothing of it is applied, all of it comes again in its order */
  async #fetch(js: JetStreamClient, { service }: Consumer, batch: number): Promise<JsMsg[]> {
    const fetched = js.fetch(STREAM, service, { batch, no_wait: true }), messages: JsMsg[] = [];
    const late = setTimeout(() => fetched.stop(new Error("NATS did not send what it has")), ANSWER_TIMEOUT_MS);
    try {
      for await (const message of fetched) messages.push(message);
      return messages;
    } finally {
      clearTimeout(late);
    }
  }

  async #apply(consumer: Consumer, messages: readonly JsMsg[]): Promise<void> {
    const events: CloudEvent[] = [];
    for (const message of messages) {
      if (!consumer.types.has(typeOf(message))) continue; // of a server that does not filter: not read, because to parse is the dear part
      const event = readEvent(message);
      if ("reason" in event) await consumer.bury(event);
      else events.push(event);
    }
    try {
      if (events.length > 0) await consumer.apply(events);
    } catch (error) {
      // In their order, before anything newer: they are given back only now that the pause is over.
      await this.#pause(RETRY_MS);
      for (const message of messages) message.nak();
      throw error;
    }
    // Each by itself: what a node that fell asleep had pulled before us is not ours to acknowledge.
    for (const message of messages) message.ack();
    await this.#connection.flush();
  }
}

/** 404: no messages. 408: none came in time. */
function nothingCame(error: Error & { code?: string }): undefined {
  if (error.code !== "404" && error.code !== "408" && error.code !== ErrorCode.Timeout) throw error;
}

/** The event's own id, and another after a restore: the stream may know the first from the time that is no more. */
const messageId = ({ id, epoch }: CloudEvent): string => (epoch ? `${id}/${epoch}` : id);

const subjectOf = (event: CloudEvent): string => `${SUBJECTS}.${event.type}`;
/** One pattern over all types: `purchasing.*` for those of one service, `*.audited` for one of each. */
function patternOf(types: ReadonlySet<string>): string {
  const names = [...types].map((type) => type.split("."));
  return [0, 1].map((token) => (new Set(names.map((name) => name[token])).size === 1 ? names[0]![token] : "*")).join(".");
}
const typeOf = ({ subject }: JsMsg): string => subject.slice(SUBJECTS.length + 1);

/** The event, or why there is none in the message. */
function readEvent(message: JsMsg): CloudEvent | { id: string; text: string; reason: string } {
  const text = message.string();
  try {
    const event = JSON.parse(text) as CloudEvent;
    if (typeof event.id !== "string" || typeof event.type !== "string" || !UUID.test(event.tenantid)) return { id: idOf(message), text, reason: "no CloudEvent of a tenant" };
    // NATS lets a service publish under its own subjects only: what is inside must not say otherwise.
    if (subjectOf(event) !== message.subject) return { id: idOf(message), text, reason: `it came as ${message.subject} and says that it is ${event.type}` };
    return event;
  } catch (error) {
    return { id: idOf(message), text, reason: (error as Error).message };
  }
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
/** Its place in the stream, in the form of an id: the same each time the message comes. */
const idOf = (message: JsMsg): string => `00000000-0000-0000-0000-${message.seq.toString(16).padStart(12, "0")}`;

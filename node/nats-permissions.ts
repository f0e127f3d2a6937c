import { DATABASE_SERVICES, type ServiceName } from "./environment.ts";
import { STREAM, SUBJECTS } from "./jetstream-bus.ts";
import type { KeyRing } from "./key-ring.ts";
import { CALLS, inboxOf } from "./nats.ts";

const TO_ALL = ["DISCOVER", "INFO", "DISCONNECT", "HEARTBEAT", "PING"];
const JETSTREAM = "$JS.API";

interface Permissions { readonly publish: readonly string[]; readonly subscribe: readonly string[] }

/** What a node may say and hear. It may ask every other node; it hears only what is sent to everybody or to a node of its own user;
 *  it tells events of its own services only, and takes them out of its own services' consumers only. */
export function permissionsOf(user: string, services: readonly string[]): Permissions {
  const consumers = services.filter((service) => (DATABASE_SERVICES as readonly ServiceName[]).includes(service as ServiceName));
  return {
    publish: [
      ...TO_ALL.map((packet) => `${CALLS}.${packet}`),
      ...["DISCOVER", "INFO", "REQ", "RES", "PING", "PONG"].map((packet) => `${CALLS}.${packet}.*.*`),
      ...consumers.map((service) => `${SUBJECTS}.${service}.>`),
      ...["STREAM.NAMES", `STREAM.INFO.${STREAM}`, `STREAM.CREATE.${STREAM}`].map((api) => `${JETSTREAM}.${api}`),
      ...consumers.flatMap((service) => ["DURABLE.CREATE", "CREATE", "MSG.NEXT"].map((api) => `${JETSTREAM}.CONSUMER.${api}.${STREAM}.${service}`)),
      ...consumers.flatMap((service) => [`${JETSTREAM}.CONSUMER.CREATE.${STREAM}.${service}.>`, `$JS.ACK.${STREAM}.${service}.>`]),
    ],
    // By name: a NATS server that allows "CALLS.*" grants "CALLS.>" too, and with it every request of everybody.
    subscribe: [...TO_ALL.map((packet) => `${CALLS}.${packet}`), `${CALLS}.*.${user}.*`, `${inboxOf(user)}.>`],
  };
}

/** Who may look at streams and consumers, and mend them: a person, never a node. */
export const OPERATOR = "operator";

/** The `authorization` block of a nats-server configuration: one user per ring, and the operator. */
export function natsAuthorization(rings: readonly Pick<KeyRing, "services" | "nats">[], operatorPassword: string): string {
  const list = (subjects: readonly string[]) => `[${subjects.map((subject) => JSON.stringify(subject)).join(", ")}]`;
  const users = rings.map(({ services, nats }) => {
    const { publish, subscribe } = permissionsOf(nats.user, services);
    return `    { user: ${JSON.stringify(nats.user)}, password: ${JSON.stringify(nats.password)}, permissions: {\n      publish: { allow: ${list(publish)} }\n      subscribe: { allow: ${list(subscribe)} }\n    } }`;
  });
  const operator = `    { user: ${OPERATOR}, password: ${JSON.stringify(operatorPassword)} }`;
  return `authorization {\n  users: [\n${[...users, operator].join("\n")}\n  ]\n}\n`;
}

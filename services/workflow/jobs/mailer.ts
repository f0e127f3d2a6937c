import type { ServiceBroker } from "moleculer";
import { createTransport, type Transporter } from "nodemailer";
import { platformOf } from "../../../node/platform.ts";
import type { Mail } from "../models/messages.model.ts";

const ANSWER_MS = 10_000;
const transports = new WeakMap<object, Transporter>();

export const smtpUrl = (broker: ServiceBroker): string | undefined => platformOf(broker).environment.smtpUrl;

/** Hands a mail to the SMTP server. The Message-ID is the mail's own, so that a repeated hand-over can be told from a second mail.
 *  @throws whatever the server or the way to it says */
export function send(broker: ServiceBroker, mail: Mail): Promise<void> {
  const { tracing } = platformOf(broker);
  return tracing ? tracing.leaf({ service: "workflow", name: "send mail", kind: "CLIENT", attributes: { "beaveros.mail.id": mail.id } }, () => handOver(broker, mail)) : handOver(broker, mail);
}

async function handOver(broker: ServiceBroker, mail: Mail): Promise<void> {
  const url = smtpUrl(broker)!;
  let transport = transports.get(broker);
  if (!transport) {
    transport = createTransport({ url, connectionTimeout: ANSWER_MS, greetingTimeout: ANSWER_MS, socketTimeout: ANSWER_MS } as never);
    transports.set(broker, transport);
  }
  await transport.sendMail({ from: sender(url), to: mail.recipients, subject: mail.subject, text: mail.text, messageId: `<${mail.id}@beaveros>` });
}

/** The user that we log in as, when that is an address. */
function sender(url: string): string {
  const { username, hostname } = new URL(url);
  const user = decodeURIComponent(username);
  return user.includes("@") ? user : `beaveros@${hostname}`;
}

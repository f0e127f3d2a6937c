import { once } from "node:events";
import type { Readable } from "node:stream";
import { callbackify } from "node:util";
import { simpleParser } from "mailparser";
import { SMTPServer, type SMTPServerEnvelope } from "smtp-server";

export interface Letter { readonly to: string[]; readonly from: string; readonly subject: string; readonly text: string; readonly messageId: string }
export interface MailServer { readonly received: Letter[]; stop(): Promise<void> }

/** A real SMTP receiver. @param received goes on with the letters of an earlier one */
export async function startMailServer(port: number, received: Letter[] = []): Promise<MailServer> {
  const keep = callbackify(async (source: Readable, envelope: SMTPServerEnvelope) => { received.push(await letterOf(source, envelope)); });
  const server = new SMTPServer({ authOptional: true, disabledCommands: ["STARTTLS"], onData: (source, { envelope }, done) => keep(source, envelope, done) });
  await once(server.listen(port, "127.0.0.1"), "listening");
  return { received, stop: () => new Promise((done) => { server.close(done); }) };
}

async function letterOf(source: Readable, { rcptTo }: SMTPServerEnvelope): Promise<Letter> {
  const { from, subject = "", text = "", messageId = "" } = await simpleParser(source);
  return { to: rcptTo.map(({ address }) => address), from: from?.text ?? "", subject, text: text.trim(), messageId };
}

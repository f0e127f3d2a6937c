import type { ResultOf } from "../../../lib/contract.ts";
import { newId } from "../../../lib/ids.ts";
import { sql, type Tx } from "../../../mixins/database.ts";
import type { workflowContract } from "../contract.ts";
import type { Message } from "../domain/low-stock.ts";

type Actions = (typeof workflowContract)["actions"];
export type Notification = ResultOf<Actions["changeNotification"]>;
export type MailOut = ResultOf<Actions["listMails"]>["data"][number];
export interface Mail { id: string; recipients: string[]; subject: string; text: string; status: "queued" | "sent" | "stored" }

const NOTE = `id, kind, title, body, data, read_at AS "readAt", created_at AS "createdAt", updated_at AS "updatedAt", version`;
const NOTIFY = sql("workflow.notify", "INSERT INTO notification (id, run_id, step, kind, title, body, data) VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING");
const LIST = sql("workflow.list-notifications", `SELECT ${NOTE} FROM notification WHERE ($1::boolean IS NULL OR (read_at IS NULL) = $1) AND ($2::uuid IS NULL OR id < $2) ORDER BY id DESC LIMIT $3`);
const EXISTS = sql("workflow.notification-exists", "SELECT 1 FROM notification WHERE id = $1");
const MARK = sql("workflow.mark-notification", `UPDATE notification SET read_at = CASE WHEN $3 THEN coalesce(read_at, now()) END, updated_at = now(), version = version + 1
  WHERE id = $1 AND ($2::int IS NULL OR version = $2) RETURNING ${NOTE}`);
const WRITE = sql("workflow.write-mail", "INSERT INTO mail (id, run_id, step, recipients, subject, text, status) VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING");
const READ = sql("workflow.read-mail", "SELECT id, recipients, subject, text, status FROM mail WHERE run_id = $1 AND step = $2");
const SENT = sql("workflow.mail-sent", "UPDATE mail SET status = 'sent', sent_at = now() WHERE id = $1");
const MAILS = sql("workflow.list-mails", `SELECT id, run_id AS "runId", recipients AS "to", subject, text, status, sent_at AS "sentAt", created_at AS "createdAt" FROM mail
  WHERE $1::uuid IS NULL OR id < $1 ORDER BY id DESC LIMIT $2`);

interface Place { readonly runId: string; readonly step: number }

/** Once per run and step, however often the step is tried. */
export async function notify(tx: Tx, { runId, step }: Place, message: Message, data: object): Promise<void> {
  await tx.change(NOTIFY, [newId(), runId, step, message.kind, message.title, message.body, JSON.stringify(data)]);
}

/** The mail of a run's step, as it was first written: a later try sends the same one. */
export async function writeMail(tx: Tx, { runId, step }: Place, mail: { to: readonly string[]; message: Message; status: "queued" | "stored" }): Promise<Mail> {
  await tx.change(WRITE, [newId(), runId, step, mail.to, mail.message.title, mail.message.body, mail.status]);
  return (await tx.query<Mail>(READ, [runId, step]))[0]!;
}

export const mailSent = (tx: Tx, id: string): Promise<number> => tx.change(SENT, [id]);
export const listNotifications = (tx: Tx, unread: boolean | null, before: string | null, limit: number): Promise<Notification[]> => tx.query<Notification>(LIST, [unread, before, limit]);
export const notificationExists = async (tx: Tx, id: string): Promise<boolean> => (await tx.query(EXISTS, [id])).length > 0;
export const markNotification = async (tx: Tx, id: string, version: number | undefined, read: boolean): Promise<Notification | undefined> =>
  (await tx.query<Notification>(MARK, [id, version ?? null, read]))[0];
export const listMails = (tx: Tx, before: string | null, limit: number): Promise<MailOut[]> => tx.query<MailOut>(MAILS, [before, limit]);

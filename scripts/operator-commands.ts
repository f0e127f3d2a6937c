import { typeOf } from "../lib/errors.ts";
import type { ResultOf } from "../lib/contract.ts";
import type { OperatorActions } from "../lib/operator-contract.ts";
import type { Node } from "../node/broker.ts";
import { CONSOLE } from "../node/key-ring.ts";
import { contracts } from "../services/contracts.ts";

/* What an operator does about dead letters and stuck sagas, for `npm run operator` and the REPL. */

type Print = (line: string) => void;
type Listed<K extends keyof OperatorActions> = ResultOf<OperatorActions[K]> extends { data: (infer Row)[] } ? Row : never;
/** The operator's actions are for all tenants: whose name the token carries is of no account. */
const NO_TENANT = "00000000-0000-0000-0000-000000000000";

/** Every service's answer, and which of them nobody offers. */
async function ask<T>(node: Node, action: keyof OperatorActions, params: object = {}): Promise<{ service: string; answer?: T; error?: unknown }[]> {
  const token = node.platform.tokens.forService(CONSOLE, NO_TENANT);
  return Promise.all(contracts.map(async ({ name: service }) => {
    try {
      return { service, answer: await node.broker.call<T, object>(`${service}.${action}`, params, { meta: { token } }) };
    } catch (error) {
      return { service, error };
    }
  }));
}

/** @returns whether everybody answered */
export async function showDeadLetters(node: Node, print: Print): Promise<boolean> {
  return list<Listed<"listDeadLetters">>(node, "listDeadLetters", print, "No dead letter.", (service, { eventId, tenantId, type, subject, reason, attempts, ageSeconds }) =>
    `${eventId}  ${service}  ${type}${subject ? ` of ${subject}` : ""}, tenant ${tenantId}\n    ${attempts} tries, the last ${span(ageSeconds)} ago: ${reason}`);
}

/** @returns whether everybody answered */
export async function showSagas(node: Node, print: Print): Promise<boolean> {
  return list<Listed<"listUnfinishedSagas">>(node, "listUnfinishedSagas", print, "No saga is stuck, none waits.", (_, { sagaId, tenantId, kind, status, step, error, attempts, ageSeconds }) =>
    `${sagaId}  ${status}  ${kind}, tenant ${tenantId}\n    for ${span(ageSeconds)}, ${attempts} tries${step ? `, at ${step}` : ""}${error ? `: ${error}` : ""}`);
}

async function list<Row>(node: Node, action: keyof OperatorActions, print: Print, none: string, text: (service: string, row: Row) => string): Promise<boolean> {
  const answers = await ask<{ data: Row[] }>(node, action);
  const rows = answers.flatMap(({ service, answer }) => (answer?.data ?? []).map((row) => text(service, row)));
  for (const row of rows) print(row);
  const silent = answers.filter(({ error }) => error !== undefined);
  for (const { service, error } of silent) print(`${service} did not answer: ${(error as Error).message}`);
  if (rows.length + silent.length === 0) print(none);
  return silent.length === 0;
}

const DEEDS = { resend: "resendDeadLetter", discard: "discardDeadLetter", resume: "resumeSaga" } as const;
export type Deed = keyof typeof DEEDS;
const DONE: Record<Deed, string> = { resend: "was applied by", discard: "was removed from", resume: "goes on in" };

/** In whichever services hold it: one event may lie in several. @returns whether it was found and done everywhere */
export async function act(node: Node, deed: Deed, id: string, print: Print): Promise<boolean> {
  const answers = await ask(node, DEEDS[deed], deed === "resume" ? { sagaId: id } : { eventId: id });
  const found = answers.filter(({ error }) => typeOf(error) !== "not_found");
  for (const { service, error } of found) print(error === undefined ? `${id} ${DONE[deed]} ${service}.` : `${service}: ${(error as Error).message}`);
  if (found.length === 0) print(`No service holds ${id}.`);
  return found.length > 0 && found.every(({ error }) => error === undefined);
}

const span = (seconds: number): string => (seconds < 120 ? `${seconds} s` : seconds < 7_200 ? `${Math.floor(seconds / 60)} min` : `${Math.floor(seconds / 3_600)} h`);

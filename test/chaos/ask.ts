import { randomUUID } from "node:crypto";

/** status 0: no answer came. */
export interface Reply { readonly status: number; readonly code: string; readonly body: Record<string, any>; readonly retryAfter: string | null }
export interface Question { readonly base: string; readonly token: string; readonly path: string; readonly body: unknown; readonly key?: string }

const ANSWER_MS = 12_000;

/** One POST as a till sends it: with a key of its own, and not waiting for ever. */
export async function ask({ base, token, path, body, key = randomUUID() }: Question): Promise<Reply> {
  try {
    const response = await fetch(base + path, {
      method: "POST", signal: AbortSignal.timeout(ANSWER_MS), body: JSON.stringify(body),
      headers: { "content-type": "application/json", authorization: `Bearer ${token}`, "idempotency-key": key },
    });
    const answer = await response.json() as Record<string, any>;
    return { status: response.status, code: answer.code ?? "", body: answer, retryAfter: response.headers.get("retry-after") };
  } catch {
    return { status: 0, code: "", body: {}, retryAfter: null }; // the edge is gone, or its answer is
  }
}

/** api.md tells a client to ask again after these, with the same key. */
export const asksAgain = ({ status, code }: Reply): boolean => status === 0 || status === 429 || (status > 500 && status < 600) || code === "idempotency_in_progress";

/** Asks until it knows, at one edge after the other. @returns the last reply, and how often it was asked */
export async function askUntilKnown(question: Omit<Question, "base">, { bases, first = 0, patienceMs }: { bases: readonly string[]; first?: number; patienceMs: number }): Promise<{ reply: Reply; attempts: number }> {
  const key = question.key ?? randomUUID(), deadline = Date.now() + patienceMs;
  for (let attempts = 1; ; attempts++) {
    const reply = await ask({ ...question, key, base: bases[(first + attempts) % bases.length]! });
    if (!asksAgain(reply) || Date.now() > deadline) return { reply, attempts };
    await new Promise((wake) => setTimeout(wake, Math.min(1_000, (Number(reply.retryAfter) || 0.2) * 1_000)));
  }
}

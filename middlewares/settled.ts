import type { Context, Middleware } from "moleculer";

/** What throws at once is a rejected promise from here outwards. Moleculer's bulkhead takes a call off its count when the promise ends, and never when there was none:
 *  two hundred requests that the validator refuses would close an action for everybody until the next start. */
export function settledMiddleware(): Middleware {
  return {
    name: "Settled",
    localAction: (next: (ctx: Context) => Promise<unknown>) => async (ctx: Context) => next(ctx),
  } as unknown as Middleware;
}

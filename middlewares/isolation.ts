import type { Context, Middleware } from "moleculer";
import { invariant } from "../lib/errors.ts";
import { insideTransaction, outsideTransaction } from "../mixins/database.ts";
import { failpoint } from "../mixins/failpoint.ts";

/** A called action starts outside its caller's transaction, in one process as over the wire; and nobody calls while one is open,
 *  because the callee's connection and the caller's would wait for each other. */
export function isolationMiddleware(): Middleware {
  return {
    name: "Isolation",
    localAction(next: (ctx: Context) => Promise<unknown>, action: { name?: string }) {
      const outside = (ctx: Context) => outsideTransaction(() => next(ctx));
      if (!process.env.FAILPOINT) return outside;
      // Done and committed, but nobody has heard of it yet.
      return async (ctx: Context) => {
        const answer = await outside(ctx);
        failpoint(`${action.name}:answered`);
        return answer;
      };
    },
    call(next: (name: string, ...rest: unknown[]) => Promise<unknown>) {
      return async (name: string, ...rest: unknown[]) => {
        invariant(!insideTransaction(), `${name} was called inside an open transaction`);
        return next(name, ...rest);
      };
    },
  } as unknown as Middleware;
}

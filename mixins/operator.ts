import type { OperatorActions } from "../lib/operator-contract.ts";
import type { ParamsOf } from "../lib/contract.ts";
import type { Ctx } from "./call.ts";
import { deadLetters, discard, resend } from "./dead-letters.ts";
import type { Handler } from "./handlers.ts";
import type { EventHandler } from "./inbox.ts";
import { resume, unfinishedSagas } from "./unfinished-sagas.ts";

/** The operator's actions of a service, on whichever node is asked. What is done is a line of its log. */
export function operatorHandlers(events: readonly EventHandler[]): { readonly [K in keyof OperatorActions]: Handler } {
  return {
    listDeadLetters: async (ctx) => ({ data: await deadLetters(placeOf(ctx)) }),
    resendDeadLetter: (ctx) => resend(placeOf(ctx), events, (ctx.params as ParamsOf<OperatorActions["resendDeadLetter"]>).eventId),
    discardDeadLetter: (ctx) => discard(placeOf(ctx), (ctx.params as ParamsOf<OperatorActions["discardDeadLetter"]>).eventId),
    listUnfinishedSagas: async (ctx) => ({ data: await unfinishedSagas(placeOf(ctx)) }),
    resumeSaga: (ctx) => resume(placeOf(ctx), (ctx.params as ParamsOf<OperatorActions["resumeSaga"]>).sagaId),
  };
}

const placeOf = (ctx: Ctx) => ({ broker: ctx.broker, service: ctx.service!.name });

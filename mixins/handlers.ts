import { invariant, typeOf, refuse } from "../lib/errors.ts";
import type { ParamsOf, ResultOf, ServiceContract } from "../lib/contract.ts";
import { identityOf } from "../middlewares/identity.ts";
import { platformOf } from "../node/platform.ts";
import { stampOf, tellAudit } from "./audit.ts";
import type { Ctx } from "./call.ts";
import type { Tx } from "./database.ts";
import { firstAnswer, rememberAnswer } from "./idempotency.ts";

type Actions<C extends ServiceContract> = C["actions"];
type Params<C extends ServiceContract, K extends keyof Actions<C>> = ParamsOf<Actions<C>[K]>;
type Result<C extends ServiceContract, K extends keyof Actions<C>> = ResultOf<Actions<C>[K]>;
export type Handler = (ctx: Ctx) => Promise<unknown>;

/** Work on one tenant's rows in the service's own schema. The tenant comes from the verified token, never from parameters. */
export function inTenant<T>(ctx: Ctx, work: (tx: Tx) => Promise<T>): Promise<T> {
  return databaseOf(ctx).inTenant(identityOf(ctx).tenantId, work);
}

/** As `inTenant`, in a transaction that requests of the same lane share: for the way of a sale. See Database.shared for what `work` must keep to. */
export function inSharedTenant<T>(ctx: Ctx, lane: string, work: (tx: Tx) => Promise<T>): Promise<T> {
  return databaseOf(ctx).shared(identityOf(ctx).tenantId, lane, work);
}

function databaseOf(ctx: Ctx) {
  invariant(ctx.service, "a handler runs in a service");
  return platformOf(ctx.broker).database(ctx.service.name);
}

/** An action that changes something: one transaction with its state, its events (`tx.emit`), what the audit log is told, and, when the client sent a key, the answer to it. */
export function command<C extends ServiceContract, K extends keyof Actions<C> & string>(
  work: (tx: Tx, params: Params<C, K>, ctx: Ctx) => Promise<Result<C, K>>,
): Handler {
  return async (ctx) => {
    const params = ctx.params as Params<C, K>;
    const claim = ctx.meta.idempotency;
    const change = async (tx: Tx) => {
      const result = await work(tx, params, ctx);
      if (ctx.action?.audited) tellAudit(tx, stampOf(ctx), resourceOf(result, params));
      return result;
    };
    if (!claim) return inTenant(ctx, change);
    try {
      return await inTenant(ctx, async (tx) => {
        const first = await firstAnswer(tx, claim);
        if (first) {
          ctx.meta.replayed = true;
          return first.result;
        }
        const result = await change(tx);
        await rememberAnswer(tx, claim, 200, result);
        return result;
      });
    } catch (error) {
      throw sameKeyAtOnce(error) ? refuse.idempotency_in_progress() : error;
    }
  };
}

/** What the answer is, or what the request was about. */
const resourceOf = (result: unknown, params: unknown): string | null => [result, params].map((one) => (one as { id?: unknown } | null | undefined)?.id).find((id) => typeof id === "string") ?? null;

/** Another request with the key committed between our look-up and our insert. */
export function sameKeyAtOnce(error: unknown): boolean {
  return typeOf(error) === "already_exists" && (error as { data?: { constraint?: string } }).data?.constraint === "idempotency_key_pkey";
}

/** An action that only reads. */
export function query<C extends ServiceContract, K extends keyof Actions<C> & string>(
  work: (tx: Tx, params: Params<C, K>, ctx: Ctx) => Promise<Result<C, K>>,
): Handler {
  return (ctx) => inTenant(ctx, (tx) => work(tx, ctx.params as Params<C, K>, ctx));
}

/** An action that only reads, and so often that its transactions are shared. */
export function sharedQuery<C extends ServiceContract, K extends keyof Actions<C> & string>(
  work: (tx: Tx, params: Params<C, K>, ctx: Ctx) => Promise<Result<C, K>>,
): Handler {
  return (ctx) => inSharedTenant(ctx, ctx.action!.name!, (tx) => work(tx, ctx.params as Params<C, K>, ctx));
}

/** An action that talks to others, or opens its transactions itself. */
export function handler<C extends ServiceContract, K extends keyof Actions<C> & string>(
  work: (params: Params<C, K>, ctx: Ctx) => Promise<Result<C, K>>,
): Handler {
  return (ctx) => work(ctx.params as Params<C, K>, ctx);
}

import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import type { ServiceSchema } from "moleculer";
import { newId } from "../../lib/ids.ts";
import { startTestPlatform, type TestPlatform } from "../../test/support/platform.ts";
import { call, type Ctx, type Meta } from "../call.ts";

let platform: TestPlatform;
/** What the callee found in its meta. */
let heard: Meta;

beforeAll(async () => {
  platform = await startTestPlatform({ services: ["entity"] });
  platform.broker.createService({ name: "auth", actions: { sessionState: { permission: "public", handler(ctx: Ctx) {
    heard = { ...ctx.meta };
    Object.assign(ctx.meta, { token: "of another", tenantId: newId(), replayed: true });
    return { active: true };
  } } } } as unknown as ServiceSchema);
});
afterAll(() => platform.stop());

describe("call", () => {
  const outer = (): Meta => ({ token: platform.platform.tokens.forService("api", newId()), requestId: "request-1", idempotency: { key: "k", hash: "h" }, ifMatch: 3, acceptsText: true });
  const contextOf = (meta: Meta) => platform.broker.ContextFactory.create(platform.broker, null as never, {}, { meta } as never) as unknown as Ctx;

  it("leaves the caller who it was, whatever the callee writes into its meta", async () => {
    const meta = outer(), ctx = contextOf({ ...meta });
    expect(await call(ctx, "auth.sessionState", { sessionId: newId() })).toEqual({ active: true });
    expect(ctx.meta).toEqual(meta);
  });

  it("hands on who acts and for which request, and leaves behind what is the outer request's own", async () => {
    const meta = outer();
    await call(contextOf({ ...meta }), "auth.sessionState", { sessionId: newId() });
    expect(heard).toMatchObject({ token: meta.token, requestId: "request-1" });
    expect([heard.idempotency, heard.ifMatch, heard.acceptsText]).toEqual([undefined, undefined, undefined]);
  });
});

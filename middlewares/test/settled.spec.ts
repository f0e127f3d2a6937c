import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { newId } from "../../lib/ids.ts";
import { startTestPlatform, type TestPlatform } from "../../test/support/platform.ts";

let platform: TestPlatform;
beforeAll(async () => { platform = await startTestPlatform({ services: ["catalog"] }); });
afterAll(() => platform.stop());

describe("an action that was asked for nonsense", () => {
  const refused = (count: number, ask: () => Promise<unknown>, type: string) => Promise.all(Array.from({ length: count }, () => expect(ask()).rejects.toMatchObject({ type })));

  it("still answers others, however often that was: a refusal frees its place in the bulkhead", async () => {
    const actor = platform.actor(newId()), powerless = platform.actor(newId(), []);
    await refused(500, () => actor.call("catalog.createCategory", { name: 7 } as never), "invalid_request");
    await refused(500, () => powerless.call("catalog.createCategory", { name: "Mugs" }), "forbidden");
    await expect(actor.call("catalog.createCategory", { name: "Mugs" })).resolves.toMatchObject({ name: "Mugs" });
  });
});

import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { newId } from "../../../../lib/ids.ts";
import { startTestPlatform, type TestPlatform } from "../../../../test/support/platform.ts";

let platform: TestPlatform;
beforeAll(async () => { platform = await startTestPlatform({ services: ["auth"] }); });
afterAll(async () => { await platform.stop(); });

const told = (tenantId: string, service: string, action: string, given: { id?: string; address?: string | null } = {}) => ({
  specversion: "1.0" as const, id: given.id ?? newId(), source: `/beaveros/${service}`, type: `${service}.audited`, subject: tenantId, time: new Date().toISOString(), tenantid: tenantId, requestid: "request-1",
  data: { action: `${service}.${action}`, resourceId: newId(), fields: ["name", "price"], actorId: newId(), actorKind: "user", address: given.address === undefined ? "10.1.2.3" : given.address },
});
const read = (tenantId: string, params: object = {}) => platform.actor(tenantId).call("auth.listAuditLog", params);
const verify = async (tenantId: string) => (await platform.service("report", tenantId).call("auth.verify", {})).checks[0]!;

describe("the audit log", () => {
  it("is written in the order of arrival, each entry once, and each tenant has its own", async () => {
    const alder = newId(), birch = newId();
    const events = [told(alder, "catalog", "updateProduct"), told(alder, "catalog", "archiveProduct"), told(birch, "catalog", "updateProduct"), told(alder, "order", "placeOrder", { address: null })];
    await platform.deliver(events);
    await platform.deliver(events);
    const { data } = await read(alder, { sort: "createdAt" });
    expect(data.map(({ seq, action, address, requestId, fields }) => [seq, action, address, requestId, fields])).toEqual([
      [1, "catalog.updateProduct", "10.1.2.3", "request-1", ["name", "price"]], [2, "catalog.archiveProduct", "10.1.2.3", "request-1", ["name", "price"]], [3, "order.placeOrder", null, "request-1", ["name", "price"]],
    ]);
    expect(data.map(({ previousHash }) => previousHash)).toEqual(["", data[0]!.hash, data[1]!.hash]);
    expect((await read(birch)).data).toHaveLength(1);
    expect(await verify(alder)).toEqual({ name: "audit log", compared: 3, differences: [] });
    expect(await verify(newId())).toEqual({ name: "audit log", compared: 0, differences: [] });
  });

  it("is one chain, also when all services tell at once", async () => {
    const cedar = newId();
    await Promise.all(Array.from({ length: 60 }, (_, n) => platform.deliver([told(cedar, ["catalog", "order", "payment", "entity"][n % 4]!, "change")])));
    expect(await verify(cedar)).toEqual({ name: "audit log", compared: 60, differences: [] });
  });

  it("is paged and filtered", async () => {
    const elm = newId(), events = Array.from({ length: 7 }, (_, n) => told(elm, "catalog", n % 2 ? "updateProduct" : "createProduct"));
    await platform.deliver(events);
    const seen: number[] = [];
    for (let cursor: string | undefined, pages = 0; pages === 0 || cursor; pages++) {
      const page = await read(elm, { limit: 3, ...(cursor ? { cursor } : {}) });
      seen.push(...page.data.map(({ seq }) => seq));
      cursor = page.nextCursor ?? undefined;
    }
    expect(seen).toEqual([7, 6, 5, 4, 3, 2, 1]);
    const { actorId, resourceId } = events[2]!.data;
    const seqs = async (filter: object) => (await read(elm, { sort: "createdAt", ...filter })).data.map(({ seq }) => seq);
    expect([await seqs({ action: "catalog.updateProduct" }), await seqs({ actorId }), await seqs({ resourceId }), await seqs({ to: "2020-01-01T00:00:00Z" }), await seqs({ from: "2020-01-01T00:00:00Z" })])
      .toEqual([[2, 4, 6], [3], [3], [], [1, 2, 3, 4, 5, 6, 7]]);
    await expect(read(elm, { sort: "action" })).rejects.toMatchObject({ type: "invalid_request" });
  });

  it("is for those who may read it", async () => {
    await expect(platform.actor(newId(), ["auth.users.read"]).call("auth.listAuditLog", {})).rejects.toMatchObject({ type: "forbidden" });
  });

  it("cannot be changed by the service itself", async () => {
    const { sequelize } = platform.platform.database("auth");
    for (const attempt of ["UPDATE audit_log SET action = 'x'", "DELETE FROM audit_log", "TRUNCATE audit_log"]) await expect(sequelize.query(attempt)).rejects.toThrow(/permission denied/);
  });

  it.each<[string, (tenant: string) => string, object]>([
    ["changed", (t) => `UPDATE auth.audit_log SET actor_id = 'eve' WHERE tenant_id = '${t}' AND seq = 2`, { seq: 2, fault: "changed" }],
    ["taken out", (t) => `DELETE FROM auth.audit_log WHERE tenant_id = '${t}' AND seq = 3`, { seq: 4, fault: "missing" }],
    ["taken from the end", (t) => `DELETE FROM auth.audit_log WHERE tenant_id = '${t}' AND seq = 5`, { seq: 5, fault: "missing" }],
    ["all gone", (t) => `DELETE FROM auth.audit_log WHERE tenant_id = '${t}'`, { seq: 1, fault: "missing" }],
  ])("of which a row was %s by somebody with the database names that row", async (_how, harm, fault) => {
    const fir = newId();
    await platform.deliver(Array.from({ length: 5 }, () => told(fir, "catalog", "updateProduct")));
    await platform.sql(harm(fir));
    expect((await verify(fir)).differences).toEqual([expect.objectContaining(fault)]);
  });
});

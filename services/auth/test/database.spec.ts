import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { startTestPlatform, type TestPlatform } from "../../../test/support/platform.ts";
import { sql } from "../../../mixins/database.ts";
import { signUp, type Entered } from "./actions/people.ts";

const TENANT_TABLES = ["users", "role", "user_role", "session", "refresh_token", "api_key", "signup"];

describe("what the database itself refuses", () => {
  let platform: TestPlatform, alder: Entered, birch: Entered;
  beforeAll(async () => {
    platform = await startTestPlatform({ services: ["auth", "entity"] });
    alder = await signUp(platform, "alder");
    birch = await signUp(platform, "birch");
  });
  afterAll(async () => { await platform.stop(); });

  it.each(TENANT_TABLES)("shows of %s the rows of one tenant, and without a tenant none", async (table) => {
    const database = platform.platform.database("auth");
    const others = await database.inTenant(alder.tenant.id, (tx) => tx.query(sql(`test.others-${table}`, `SELECT 1 FROM ${table} WHERE tenant_id <> $1`), [alder.tenant.id]));
    expect(others).toEqual([]);
    expect((await database.sequelize.query(`SELECT 1 FROM ${table}`))[0]).toEqual([]);
  });

  it("lets nobody write a row for another tenant", async () => {
    const database = platform.platform.database("auth");
    const insert = database.inTenant(alder.tenant.id, (tx) => tx.change(sql("test.forge", "INSERT INTO user_role (tenant_id, user_id, role_id) SELECT $1, $2, gen_random_uuid()"), [birch.tenant.id, birch.user.id]));
    await expect(insert).rejects.toThrow(/row-level security/);
  });

  it("shows the log-in's role addresses and hashes of all tenants, and nothing else of a user", async () => {
    const worker = platform.platform.worker("auth").sequelize;
    expect((await worker.query("SELECT email_key FROM users"))[0]).toHaveLength(2);
    await expect(worker.query("SELECT name FROM users")).rejects.toThrow(/permission denied/);
    await expect(worker.query("UPDATE users SET password_hash = 'x'")).rejects.toThrow(/permission denied/);
    await expect(worker.query("SELECT secret_hash FROM api_key")).rejects.toThrow(/permission denied/);
  });

  it("keeps failed log-ins from the service's own role", async () => {
    await expect(platform.platform.database("auth").sequelize.query("SELECT 1 FROM login_failure")).rejects.toThrow(/permission denied/);
  });
});

import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { startTestPlatform, type TestPlatform } from "../../test/support/platform.ts";
import { Database, TLS_MODES } from "../database.ts";

describe("a DATABASE_URL that asks for TLS", () => {
  let platform: TestPlatform;
  beforeAll(async () => { platform = await startTestPlatform({ services: ["entity"] }); });
  afterAll(() => platform.stop());

  it.each([...TLS_MODES])("with sslmode=%s sends nothing to a server that has none", async (mode) => {
    const url = new URL(platform.databaseUrl);
    url.searchParams.delete("host"); // a socket needs no TLS
    url.searchParams.set("sslmode", mode);
    const pool = new Database({ url: url.href, user: url.username, password: url.password, size: 1, service: "entity" });
    await expect(pool.sequelize.query("SELECT 1")).rejects.toThrow("The server does not support SSL connections");
    await pool.close();
  });
});

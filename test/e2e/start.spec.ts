import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { spawnPlatform, startProcess, type PlatformProcess } from "../support/process.ts";

const folder = () => mkdtempSync(join(tmpdir(), "beaveros-start-"));

describe("a start that cannot succeed says in one sentence what to do", () => {
  let running: PlatformProcess;
  const dataDir = folder();
  beforeAll(async () => { running = await startProcess({ dataDir }); }, 90_000);
  afterAll(async () => {
    expect(await running.terminate()).toBe(0);
    rmSync(dataDir, { recursive: true, force: true });
  });

  const refusal = async (given: { dataDir: string; variables?: Record<string, string>; port?: number }) => {
    const tried = await spawnPlatform(given);
    expect(await tried.ended()).toBe(1);
    expect(tried.output()).not.toMatch(/\n\s+at /);
    return tried.output();
  };

  it("a data directory that another process holds", async () => {
    expect(await refusal({ dataDir })).toMatch(/DATA_DIR .* is in use by process \d+/);
  });

  it("a data directory with somebody else's files", async () => {
    const foreign = folder();
    writeFileSync(join(foreign, "letters.txt"), "mine");
    expect(await refusal({ dataDir: foreign })).toMatch(/holds files that are not BeaverOS's/);
  });

  it("a port in use", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    await new Promise((listening) => other.once("listening", listening));
    const { port } = other.address() as { port: number };
    expect(await refusal({ dataDir: folder(), port })).toMatch(new RegExp(`PORT ${port} is in use`));
    other.close();
  }, 90_000);

  it.each([
    [{ PORT: "eighty" }, /PORT is "eighty"/], [{ LOG_LEVEL: "loud" }, /LOG_LEVEL is "loud"/], [{ SERVICES: "order,till" }, /SERVICES names "till"/],
    [{ DATABASE_URL: "mysql://x" }, /DATABASE_URL is not a PostgreSQL URL/], [{ DATABASE_URL: "postgresql://127.0.0.1:1/x" }, /JWT_PRIVATE_KEY is missing/],
  ])("a senseless or missing setting: %j", async (variables, message) => {
    expect(await refusal({ dataDir: folder(), variables: variables as unknown as Record<string, string> })).toMatch(message);
  });

  it("and prints no warning when all is well", () => {
    expect(running.output()).toMatch(/BeaverOS listens on http/);
    expect(running.output()).not.toMatch(/warn|deprecat|error/i);
  });
});

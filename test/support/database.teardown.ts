import { rmSync } from "node:fs";
import type { EmbeddedDatabase } from "../../node/embedded-database.ts";

export default async function teardown(): Promise<void> {
  const shared = globalThis as unknown as { testDatabase?: EmbeddedDatabase };
  const database = shared.testDatabase;
  if (!database) return;
  delete shared.testDatabase;
  await database.stop();
  rmSync(process.env.TEST_DATA_DIR!, { recursive: true, force: true });
}

import { startEmbeddedDatabase } from "../node/embedded-database.ts";
import { readEnvironment } from "../node/environment.ts";
import { migrate } from "../node/migrate.ts";
import { loadSecrets } from "../node/secrets.ts";
import { command } from "./command.ts";

/* `npm run migrate`: brings the schemas of all services to the newest version and ends. Safe to run twice, and by two at once. */
await command(async () => {
  const environment = readEnvironment();
  const embedded = environment.databaseUrl ? undefined : await startEmbeddedDatabase(environment);
  const applied = await migrate(environment.databaseUrl ?? embedded!.url, environment, loadSecrets(environment));
  console.log(applied.length ? applied.map((name) => `applied ${name}`).join("\n") : "nothing to do: every schema is of the newest version");
  await embedded?.stop();
}, "The migration did not run.");

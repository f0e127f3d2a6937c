import { existsSync } from "node:fs";
import { join } from "node:path";
import pg from "pg";
import { DATABASE_SERVICES, SettingError, type Environment } from "../../node/environment.ts";
import { loadSecrets, type Secrets } from "../../node/secrets.ts";
import { CANONICAL } from "./tables.ts";

/** One database and the services whose schemas are in it. */
export interface ServiceDatabase { readonly client: pg.Client; readonly services: readonly string[] }

/** DATABASE_URL for most, and the databases of services that have their own.
 *  @param url of a role that row-level security does not bind */
export async function connectAll(url: string, environment: Environment): Promise<ServiceDatabase[]> {
  const byUrl = Map.groupBy(DATABASE_SERVICES, (service) => environment.serviceDatabaseUrls[service] ?? url), open: ServiceDatabase[] = [];
  try {
    for (const [connectionString, services] of byUrl) open.push({ client: await connect(connectionString), services });
    for (const { client } of open) await requireSight(client);
    return open;
  } catch (error) {
    await closeAll(open);
    throw error;
  }
}

async function connect(connectionString: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString });
  client.on("error", () => undefined); // the statement under way fails with it, and says so
  try {
    await client.connect();
    await client.query(CANONICAL);
    return client;
  } catch (error) {
    throw new SettingError(`PostgreSQL at ${new URL(connectionString).host} does not answer (${(error as Error).message}): start it, or mend DATABASE_URL.`);
  }
}

/** A role that row-level security binds would copy nothing, and call it a backup. */
async function requireSight(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ name: string; sees: boolean }>("SELECT rolname AS name, rolsuper OR rolbypassrls AS sees FROM pg_roles WHERE rolname = current_user");
  if (!rows[0]!.sees) throw new SettingError(`DATABASE_URL logs in as ${rows[0]!.name}, from whom row-level security hides the tenants' rows: give a superuser, or ALTER ROLE ${rows[0]!.name} BYPASSRLS.`);
}

export const closeAll = async (databases: readonly ServiceDatabase[]): Promise<void> => void await Promise.all(databases.map(({ client }) => client.end()));

/** The master keys. A node's own ring does not do, and none may be made up here. */
export function masterSecrets(environment: Environment): Secrets {
  const kept = join(environment.dataDir, "secrets", "data-encryption-key");
  if (!environment.dataEncryptionKey && (environment.databaseUrl || !existsSync(kept))) throw new SettingError(environment.databaseUrl
    ? "DATA_ENCRYPTION_KEY is missing: give the one of this installation."
    : `DATA_DIR has no secrets/data-encryption-key: copy the folder secrets of the installation there, or set DATA_ENCRYPTION_KEY.`);
  return loadSecrets({ ...environment, keyRing: undefined });
}

/** Tells whether two hold the same DATA_ENCRYPTION_KEY, and nothing about it. */
export const keyCheck = (secrets: Secrets, takenAt: string): string => secrets.derive(`backup:${takenAt}`).toString("base64url");

import pg from "pg";
import { newId } from "../../lib/ids.ts";

/** One question to one database, on a connection of its own. */
export async function query<R>(url: string, text: string): Promise<R[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query(text);
  await client.end();
  return rows as R[];
}

/** A database with nothing in it, on the tests' server or another. @param server a superuser's URL there */
export async function emptyDatabase(server = process.env.TEST_DATABASE_URL!): Promise<string> {
  const url = new URL(server), name = `t_${newId().replaceAll("-", "")}`;
  await query(url.href, `CREATE DATABASE ${name}`);
  url.pathname = `/${name}`;
  return url.href;
}

/** A database of its own, cloned from the migrated template. @returns its superuser URL */
export async function cloneDatabase(): Promise<string> {
  const template = new URL(process.env.TEST_DATABASE_URL!);
  const name = `t_${newId().replaceAll("-", "")}`;
  const admin = new URL(template);
  admin.pathname = "/postgres";
  const client = new pg.Client({ connectionString: admin.href });
  await client.connect();
  // Two files may start at once, and a template can be copied by one at a time.
  await client.query("SELECT pg_advisory_lock(4711)");
  await client.query(`CREATE DATABASE ${name} TEMPLATE ${template.pathname.slice(1)}`);
  await client.end();
  template.pathname = `/${name}`;
  return template.href;
}

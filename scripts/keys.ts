import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { readEnvironment, SERVICE_NAMES, serviceList, SettingError, type ServiceName } from "../node/environment.ts";
import { cutKeyRing } from "../node/cut-key-ring.ts";
import { CONSOLE, natsPasswordOf, type KeyRing } from "../node/key-ring.ts";
import { natsAuthorization, OPERATOR } from "../node/nats-permissions.ts";
import { loadSecrets, type Secrets } from "../node/secrets.ts";
import { makeCertificates } from "./certificates.ts";
import { command } from "./command.ts";

/** Writes, for nodes that host these services each, a key ring; and what the NATS server needs to know them.
 *  @param nodes one list of services per kind of node @returns the ring's path of each */
export async function writeKeys(given: { folder: string; secrets: Secrets; nodes: readonly (readonly ServiceName[])[]; tlsHosts?: readonly string[] }): Promise<string[]> {
  mkdirSync(given.folder, { recursive: true, mode: 0o700 });
  const write = (name: string, text: string) => { const path = join(given.folder, name); writeFileSync(path, text, { mode: 0o600 }); return path; };
  const rings = given.nodes.map((services) => cutKeyRing(given.secrets, services)), ofConsole = cutKeyRing(given.secrets, []);
  const operatorPassword = natsPasswordOf(given.secrets.derive, OPERATOR);
  write("nats-auth.conf", natsAuthorization([...rings, ofConsole], operatorPassword));
  write("nats-operator.json", JSON.stringify({ user: OPERATOR, pass: operatorPassword }));
  if (given.tlsHosts) for (const [name, text] of Object.entries(await makeCertificates(given.tlsHosts))) write(name, text);
  const writeRing = (ring: KeyRing) => write(`${ring.nats.user}.json`, JSON.stringify(ring, null, 2));
  writeRing(ofConsole);
  return rings.map(writeRing);
}

const USAGE = `npm run keys -- --out <folder> [--node order,payment]… [--tls nats,localhost]
  Cuts a key ring per node out of JWT_PRIVATE_KEY and DATA_ENCRYPTION_KEY: one per service, or one per --node.
  ${CONSOLE}.json is the console's: npm run repl and npm run operator take it as KEY_RING_FILE, and whoever holds it may do everything.
  nats-auth.conf holds a user for each with the subjects it may use; nats-operator.json is for who looks after the streams. --tls adds a certificate authority and a server certificate for these hosts.`;

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { out: { type: "string" }, node: { type: "string", multiple: true }, tls: { type: "string" } } });
  if (!values.out) throw new SettingError(USAGE);
  const nodes = values.node?.map(serviceList);
  const written = await writeKeys({ folder: values.out, secrets: loadSecrets(readEnvironment()), nodes: nodes ?? SERVICE_NAMES.map((service) => [service]), ...(values.tls ? { tlsHosts: values.tls.split(",") } : {}) });
  console.log([...written, join(values.out, "nats-auth.conf"), ...(values.tls ? ["ca.pem", "nats.pem", "nats.key"].map((name) => join(values.out!, name)) : [])].join("\n"));
}

if (import.meta.main) await command(main);

import { generateKeyPairSync, randomBytes, X509Certificate } from "node:crypto";
import { chmodSync, chownSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { readEnvironment, SERVICE_NAMES, SettingError } from "../node/environment.ts";
import { cutKeyRing } from "../node/cut-key-ring.ts";
import { CONSOLE, natsPasswordOf } from "../node/key-ring.ts";
import { natsAuthorization, OPERATOR } from "../node/nats-permissions.ts";
import { loadSecrets, type Secrets } from "../node/secrets.ts";
import { makeCertificates } from "./certificates.ts";
import { command } from "./command.ts";

/* `npm run secrets`: everything secret that a deployment of one service per node needs, a folder for each that is to see it.
   docker-compose.yml mounts the folders as they are; for Kubernetes each becomes a Secret of its name. Safe to run again: what is there stays. */

export interface SecretsGiven {
  readonly folder: string;
  /** Names by which nodes and the servers of a NATS cluster reach a server. */
  readonly natsHosts: readonly string[];
  /** Who may read the files, where that is another than who runs this. */
  readonly owner?: number | undefined;
}

/** @returns the folders, in the order of writing */
export async function writeSecrets({ folder, natsHosts, owner }: SecretsGiven): Promise<string[]> {
  const folders = new Set<string>();
  /** By renaming, so that nobody reads half a file, and a file of another owner can be replaced. */
  const put = (path: string, text: string) => {
    const target = join(folder, path);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(`${target}.new`, text, { mode: 0o400 });
    if (owner !== undefined) chownSync(`${target}.new`, owner, owner);
    renameSync(`${target}.new`, target);
    folders.add(dirname(target));
  };
  const putOnce = (path: string, make: () => string) => { if (!existsSync(join(folder, path))) put(path, make()); };
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  putOnce("master-keys/jwt-private-key.pem", () => generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({ type: "pkcs8", format: "pem" }).toString());
  putOnce("master-keys/data-encryption-key", () => randomBytes(32).toString("base64"));
  const master = masterOf(folder);
  // One service each, and a ring without any: the console's, which opens everything to its holder and goes to no node.
  const rings = [...SERVICE_NAMES.map((service) => [service]), []].map((services) => cutKeyRing(master, services));
  const operatorPassword = natsPasswordOf(master.derive, OPERATOR);
  put("nats-auth/nats-auth.conf", natsAuthorization(rings, operatorPassword));
  put("nats-operator/nats-operator.json", JSON.stringify({ user: OPERATOR, pass: operatorPassword }));
  if (!isGood(join(folder, "nats-tls", "tls.crt"), natsHosts)) {
    const made = await makeCertificates(natsHosts);
    put("nats-tls/ca.crt", made["ca.pem"]);
    put("nats-tls/tls.key", made["nats.key"]);
    put("nats-tls/tls.crt", made["nats.pem"]);
  }
  const authority = readFileSync(join(folder, "nats-tls", "ca.crt"), "utf8");
  for (const ring of rings) {
    const to = ring.nats.user === CONSOLE ? "console" : `keys-${ring.nats.user}`;
    put(`${to}/ring.json`, JSON.stringify(ring, null, 2));
    put(`${to}/ca.crt`, authority);
  }
  // The folders are for everybody, the files are not: a volume's root must let its reader through.
  for (const name of folders) chmodSync(name, 0o755);
  return [...folders];
}

function masterOf(folder: string): Secrets {
  const read = (name: string) => readFileSync(join(folder, "master-keys", name), "utf8");
  return loadSecrets(readEnvironment({ JWT_PRIVATE_KEY: read("jwt-private-key.pem"), DATA_ENCRYPTION_KEY: read("data-encryption-key") }));
}

const RENEW_BEFORE_MS = 30 * 24 * 3_600_000;

/** Ours, for these hosts, and good for another month. One that somebody else signed and put there counts as well. */
function isGood(path: string, hosts: readonly string[]): boolean {
  if (!existsSync(path)) return false;
  const certificate = new X509Certificate(readFileSync(path));
  return certificate.validToDate.getTime() - Date.now() > RENEW_BEFORE_MS && hosts.every((host) => certificate.checkHost(host) !== undefined || certificate.checkIP(host) !== undefined);
}

const USAGE = `npm run secrets -- --out <folder> [--nats-hosts nats,localhost] [--owner 1000]
  Makes the master keys once, and out of them a key ring for each service, the users and permissions of NATS, and certificates for its hosts.
  master-keys is for the migration alone. --owner gives the files to that user, which takes root.`;

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { out: { type: "string" }, "nats-hosts": { type: "string", default: "nats,nats-0.nats,nats-1.nats,nats-2.nats" }, owner: { type: "string" } } });
  if (!values.out || (values.owner !== undefined && !/^\d+$/.test(values.owner))) throw new SettingError(USAGE);
  const written = await writeSecrets({ folder: values.out, natsHosts: values["nats-hosts"].split(","), owner: values.owner === undefined ? undefined : Number(values.owner) });
  console.log(written.join("\n"));
}

if (import.meta.main) await command(main);

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ServiceBroker, type BrokerOptions } from "moleculer";
import { connect, type ConnectionOptions, type NatsConnection } from "nats";
import { freePort } from "../../node/free-port.ts";
import { NAMESPACE } from "../../moleculer.config.ts";
import { startNode, type Node } from "../../node/broker.ts";
import { readEnvironment, type ServiceName } from "../../node/environment.ts";
import type { KeyRing } from "../../node/key-ring.ts";
import { natsOptions } from "../../node/nats.ts";
import { loadSecrets } from "../../node/secrets.ts";
import { writeKeys } from "../../scripts/keys.ts";
import { startNatsServer, type NatsServer } from "../../scripts/nats-server.ts";
import { cloneDatabase } from "../support/databases.ts";

/** Nodes with key rings of their own, behind a NATS server that holds them to the permissions which `npm run keys` writes. */
export interface GuardedCluster {
  readonly folder: string;
  readonly databaseUrl: string;
  readonly natsPort: number;
  nats: NatsServer;
  /** Superuser-free variables of a node that hosts these services. */
  variables(services: readonly ServiceName[]): Record<string, string>;
  ring(user: string): KeyRing;
  start(services: readonly ServiceName[]): Promise<Node>;
  /** Somebody with the NATS credentials of a node and none of our code. */
  intruder(user: string): Promise<Intruder>;
  operator(): Promise<NatsConnection>;
  stop(): Promise<void>;
}

/** A NATS connection that remembers what the server refused it. */
export interface Intruder { readonly connection: NatsConnection; refused(): Promise<string[]> }

/** @param kinds the services of each kind of node
 *  @param options.tlsHost TLS, with a certificate for this name; the nodes dial localhost */
export async function startGuardedCluster(kinds: readonly (readonly ServiceName[])[], options: { tlsHost?: string } = {}): Promise<GuardedCluster> {
  const folder = mkdtempSync(join(tmpdir(), "beaveros-cluster-"));
  const databaseUrl = await cloneDatabase();
  // The master keys that the template's roles were made with.
  const secrets = loadSecrets(readEnvironment({ DATA_DIR: process.env.TEST_DATA_DIR! }));
  const rings = await writeKeys({ folder, secrets, nodes: kinds, ...(options.tlsHost ? { tlsHosts: [options.tlsHost] } : {}) });
  const natsPort = await freePort();
  const nats = await startNatsServer({
    port: natsPort, folder: join(folder, "jetstream"),
    arguments: ["--config", join(folder, "nats-auth.conf"), ...(options.tlsHost ? ["--tls", "--tlscert", join(folder, "nats.pem"), "--tlskey", join(folder, "nats.key")] : [])],
  });
  const nodes: Node[] = [], connections: NatsConnection[] = [];
  const servers = options.tlsHost ? `tls://localhost:${natsPort}` : `nats://127.0.0.1:${natsPort}`;
  const ring = (user: string) => JSON.parse(readFileSync(rings.find((path) => path.endsWith(`/${user}.json`))!, "utf8")) as KeyRing;
  const opened = async (given: ConnectionOptions) => { const connection = await connect(given); connections.push(connection); return connection; };
  const variables = (services: readonly ServiceName[]) => ({
    SERVICES: services.join(), DATABASE_URL: ownerless(databaseUrl), NATS_URL: servers, KEY_RING_FILE: rings.find((path) => path.endsWith(`/${services.join("-")}.json`))!,
    DATA_DIR: folder, PORT: "0", RATE_LIMIT_PER_MINUTE: "0", LOG_LEVEL: process.env.TEST_LOG_LEVEL ?? "fatal", LOG_FORMAT: "json", ...(options.tlsHost ? { NATS_CA_FILE: join(folder, "ca.pem") } : {}),
  });
  return {
    folder, databaseUrl, natsPort, nats, ring, variables,
    async start(services) {
      const environment = readEnvironment(variables(services));
      const node = await startNode({ environment, secrets: loadSecrets(environment), databaseUrl: environment.databaseUrl! });
      nodes.push(node);
      return node;
    },
    async intruder(user) {
      const connection = await opened(connectionOf(servers, ring(user)));
      const said: string[] = [];
      void (async () => {
        for await (const status of connection.status()) if (status.permissionContext) said.push(`${status.permissionContext.operation === "publish" ? "publish" : "subscribe"} ${status.permissionContext.subject}`);
      })();
      return { connection, refused: async () => { await connection.flush(); await new Promise((turn) => setImmediate(turn)); return said; } };
    },
    operator: () => opened({ servers: `127.0.0.1:${natsPort}`, ...(JSON.parse(readFileSync(join(folder, "nats-operator.json"), "utf8")) as { user: string; pass: string }) }),
    async stop() {
      await Promise.all(connections.map((connection) => connection.close()));
      await Promise.all(nodes.map((node) => node.stop()));
      await nats.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const connectionOf = (servers: string, ring: KeyRing) => natsOptions({ servers, user: undefined, password: undefined, certificateAuthority: undefined, replicas: 1 }, ring, "intruder");

/** A node with the NATS credentials of `user` that runs Moleculer and nothing of ours: it says of itself what `options` say, and believes everybody. */
export async function startRogue(cluster: GuardedCluster, user: string, options: BrokerOptions = {}): Promise<ServiceBroker> {
  const transport = connectionOf(`nats://127.0.0.1:${cluster.natsPort}`, cluster.ring(user));
  const rogue = new ServiceBroker({
    namespace: NAMESPACE, nodeID: `${user}.rogue`, transporter: { type: "NATS", options: transport } as never, serializer: "CBOR", logger: false, internalServices: false, requestTimeout: 3_000, heartbeatInterval: 1, ...options,
  });
  await rogue.start();
  return rogue;
}

function ownerless(url: string): string {
  const bare = new URL(url);
  bare.username = "";
  bare.password = "";
  return bare.href;
}

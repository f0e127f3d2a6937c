import { Type } from "typebox";
import { startNode, type Node } from "../node/broker.ts";
import { readEnvironment } from "../node/environment.ts";
import { loadSecrets } from "../node/secrets.ts";

export const TENANT = "00000000-0000-7000-8000-000000000001";

/** A node as any other of a cluster, with one service whose one action does nothing. It has no database and asks none. */
export async function startProbe(variables: Readonly<Record<string, string>>, name: string): Promise<Node> {
  const keys = readEnvironment({ DATA_DIR: variables.DATA_DIR });
  const environment = { ...keys, ...readEnvironment({ LOG_LEVEL: "warn", LOG_FORMAT: "json", PORT: "0", DATA_DIR: variables.DATA_DIR }), nats: { servers: variables.NATS_URL!, user: undefined, password: undefined, certificateAuthority: undefined, replicas: 1 } };
  const node = await startNode({ environment, secrets: loadSecrets(environment), databaseUrl: "postgresql://127.0.0.1/none", services: [] });
  node.broker.createService({
    name, actions: { echo: { params: Type.Object({ text: Type.String({ maxLength: 100 }) }) as never, permission: "internal", visibility: "public", handler: (ctx) => ctx.params } },
  });
  return node;
}

if (import.meta.main) {
  const node = await startProbe(process.env as Record<string, string>, process.argv[2]!);
  process.once("SIGTERM", () => void node.stop().then(() => process.exit(0)));
}

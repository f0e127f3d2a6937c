import { writeFileSync } from "node:fs";
import { connect as dial } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { connect } from "nats";
import { newId } from "../../lib/ids.ts";
import { readEnvironment } from "../../node/environment.ts";
import { natsTrouble } from "../../node/nats.ts";
import { loadSecrets } from "../../node/secrets.ts";
import { makeCertificates } from "../../scripts/certificates.ts";
import { startGuardedCluster, type GuardedCluster } from "./support.ts";

let cluster: GuardedCluster;
beforeAll(async () => { cluster = await startGuardedCluster([["entity"], ["payment"]], { tlsHost: "localhost" }); });
afterAll(() => cluster.stop());

const trouble = (variables: Record<string, string>) => {
  const environment = readEnvironment({ ...cluster.variables(["payment"]), ...variables });
  return natsTrouble(environment, loadSecrets(environment));
};

describe("a cluster over TLS", () => {
  it("calls from node to node, with the authority that npm run keys made", async () => {
    const [entity, payment] = await Promise.all([cluster.start(["entity"]), cluster.start(["payment"])]);
    await entity.broker.waitForServices("payment", 10_000, 50);
    const tenantId = newId(), token = entity.platform.tokens.forService("entity", tenantId);
    expect(await entity.broker.call("payment.verify", {}, { meta: { token } })).toMatchObject({ checks: expect.any(Array) });
    expect(payment.broker.getLocalService("payment")).toBeDefined();
  });

  it("finds nothing wrong with the right authority", async () => {
    expect(await trouble({})).toBeUndefined();
  });

  it("refuses a server that another authority vouches for, and says so", async () => {
    const other = join(cluster.folder, "other.pem");
    writeFileSync(other, (await makeCertificates(["localhost"]))["ca.pem"]);
    expect(await trouble({ NATS_CA_FILE: other })).toMatch(/shows a certificate that NATS_CA_FILE does not vouch for/);
  });

  it("refuses a server that only we vouch for when no authority is named", async () => {
    expect(await trouble({ NATS_CA_FILE: "" })).toMatch(/shows a certificate that NATS_CA_FILE does not vouch for/);
  });

  it("refuses a server whose certificate is for another name", async () => {
    const elsewhere = await startGuardedCluster([["payment"]], { tlsHost: "nats.elsewhere" });
    const environment = readEnvironment(elsewhere.variables(["payment"]));
    expect(await natsTrouble(environment, loadSecrets(environment))).toMatch(/certificate .*nats\.elsewhere/);
    await elsewhere.stop();
  });

  it("takes no plain connection: the server ends it before a password is sent", async () => {
    const { nats } = cluster.ring("payment");
    // The client upgrades when the server asks for it, and trusts no stranger; a client that would not upgrade is cut off.
    await expect(connect({ servers: `localhost:${cluster.natsPort}`, user: nats.user, pass: nats.password, reconnect: false, timeout: 2_000 })).rejects.toThrow();
    expect(await plain(cluster.natsPort, `CONNECT {"user":"${nats.user}","pass":"${nats.password}","verbose":true}\r\nPING\r\n`)).not.toMatch(/\+OK|PONG/);
    expect(await trouble({ NATS_URL: `nats://localhost:${cluster.natsPort}`, NATS_CA_FILE: "" })).toMatch(/certificate/);
  });
});

/** What the server says to a client that speaks no TLS. */
function plain(port: number, words: string): Promise<string> {
  return new Promise((resolve) => {
    let said = "";
    const socket = dial(port, "127.0.0.1", () => socket.write(words));
    socket.on("data", (chunk) => { said += chunk.toString(); });
    socket.on("error", () => undefined);
    socket.on("close", () => resolve(said));
  });
}

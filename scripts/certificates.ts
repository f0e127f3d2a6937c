import { isIP } from "node:net";
import { generate } from "selfsigned";

const DAYS = 365;

/** A certificate authority of its own and a server certificate that it signed, for a test, a trial or a network without a PKI.
 *  @param hosts names and addresses by which nodes reach the server @returns PEM by file name */
export async function makeCertificates(hosts: readonly string[]): Promise<Record<"ca.pem" | "nats.pem" | "nats.key", string>> {
  const notAfterDate = new Date(Date.now() + DAYS * 24 * 3_600_000);
  const authority = await generate([{ name: "commonName", value: "BeaverOS cluster" }], {
    keyType: "ec", algorithm: "sha256", notAfterDate, extensions: [{ name: "basicConstraints", cA: true, critical: true }, { name: "keyUsage", keyCertSign: true, cRLSign: true, critical: true }],
  });
  const server = await generate([{ name: "commonName", value: hosts[0]! }], {
    keyType: "ec", algorithm: "sha256", notAfterDate, ca: { key: authority.private, cert: authority.cert },
    extensions: [{ name: "subjectAltName", altNames: hosts.map((host) => (isIP(host) ? { type: 7, ip: host } : { type: 2, value: host })) }],
  });
  return { "ca.pem": authority.cert, "nats.pem": server.cert, "nats.key": server.private };
}

/** The two PostgreSQL roles of a service: the one that serves requests, and the one of its background work over all tenants. */
export const roleOf = (service: string) => `beaver_${service}`;
export const workerRoleOf = (service: string) => `beaver_${service}_worker`;
/** Derived, so that no password is stored anywhere; a node derives or is given only those of its services. */
export const rolePassword = (secrets: { derive(purpose: string): Buffer }, role: string) => secrets.derive(`database-role:${role}`).toString("base64url");

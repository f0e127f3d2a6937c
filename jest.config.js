/** Long, and about files and processes more than about rules: `npm run test:drills`. */
const DRILLS = ["test/deploy/image", "test/deploy/nine", "test/deploy/nats", "test/e2e/restore-cluster", "test/e2e/import-kill", "test/cluster/console"];
const common = {
  testEnvironment: "node",
  extensionsToTreatAsEsm: [".ts"],
  transform: { "^.+\\.ts$": "<rootDir>/test/support/strip-types.cjs" },
  testPathIgnorePatterns: ["/node_modules/", ...DRILLS.map((path) => `<rootDir>/${path}[.]spec`)],
};
const withDatabase = { ...common, globalSetup: "<rootDir>/test/support/database.setup.ts", globalTeardown: "<rootDir>/test/support/database.teardown.ts" };

/** unit: pure rules · integration: a service on a real PostgreSQL · nats: the same tests with a broker per service and NATS between them · saga: failures at every step · contract: walls, documents, drift, deployment · cluster: who may do what between nodes · chaos: a cluster under load, struck by faults · e2e: over HTTP. */
export default {
  testTimeout: 60_000,
  maxWorkers: 3,
  // Each file leaves its modules behind: a worker of two gigabytes takes so long to end that Jest speaks of a leak.
  workerIdleMemoryLimit: "1GB",
  projects: [
    { ...common, displayName: "unit", testMatch: ["<rootDir>/lib/test/**/*.spec.ts", "<rootDir>/node/test/**/*.spec.ts", "<rootDir>/services/*/test/domain/**/*.spec.ts"] },
    { ...withDatabase, displayName: "integration", testMatch: ["<rootDir>/mixins/test/**/*.spec.ts", "<rootDir>/middlewares/test/**/*.spec.ts", "<rootDir>/services/*/test/actions/**/*.spec.ts", "<rootDir>/services/*/test/*.spec.ts"] },
    { ...withDatabase, displayName: "nats", globals: { overNats: true }, testMatch: ["<rootDir>/services/{order,payment,catalog,purchasing,report,workflow}/test/{actions,sagas}/**/*.spec.ts", "<rootDir>/test/e2e/{sale,tenancy,tracing}.spec.ts"] },
    { ...withDatabase, displayName: "saga", testMatch: ["<rootDir>/services/*/test/sagas/**/*.spec.ts"] },
    { ...withDatabase, displayName: "contract", testMatch: ["<rootDir>/test/tidy/**/*.spec.ts", "<rootDir>/test/contract/**/*.spec.ts", "<rootDir>/test/deploy/**/*.spec.ts"] },
    { ...withDatabase, displayName: "cluster", testMatch: ["<rootDir>/test/cluster/**/*.spec.ts"] },
    { ...common, displayName: "chaos", testMatch: ["<rootDir>/test/chaos/**/*.spec.ts"] },
    { ...withDatabase, displayName: "e2e", testMatch: ["<rootDir>/test/e2e/**/*.spec.ts"] },
    ...(process.env.DRILLS ? [{ ...withDatabase, displayName: "drills", testPathIgnorePatterns: ["/node_modules/"], testMatch: DRILLS.map((path) => `<rootDir>/${path}.spec.ts`) }] : []),
  ],
};

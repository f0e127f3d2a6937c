-- Who may do what: users, roles, sessions, API keys. Secrets are kept as hashes only.

CREATE TABLE role (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  name text NOT NULL,
  -- The name under which the platform knows a role that every tenant starts with.
  built_in text CHECK (built_in IN ('owner', 'manager', 'cashier', 'stock', 'accountant', 'viewer')),
  permissions text[] NOT NULL,
  reference text,
  metadata jsonb NOT NULL DEFAULT '{}',
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  version int NOT NULL DEFAULT 1,
  PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX role_name ON role (tenant_id, lower(name));
CREATE UNIQUE INDEX role_built_in ON role (tenant_id, built_in);
CREATE UNIQUE INDEX role_reference ON role (tenant_id, reference);
SELECT platform.tenant_table('role');

-- activated_at NULL: of a sign-up that is not finished. email_key: the e-mail address folded, as it is looked up.
CREATE TABLE users (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  name text NOT NULL,
  email text NOT NULL,
  email_key text NOT NULL,
  password_hash text NOT NULL,
  store_ids uuid[] NOT NULL DEFAULT '{}',
  reference text,
  metadata jsonb NOT NULL DEFAULT '{}',
  activated_at timestamptz,
  archived_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  version int NOT NULL DEFAULT 1,
  PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX users_email ON users (tenant_id, email_key) WHERE archived_at IS NULL;
CREATE UNIQUE INDEX users_reference ON users (tenant_id, reference);
-- The one index that does not start with the tenant: at log-in nobody knows the tenant yet.
CREATE INDEX users_login ON users (email_key) WHERE archived_at IS NULL;
SELECT platform.tenant_table('users');
SELECT platform.worker_table('users', 'SELECT (tenant_id, id, email_key, password_hash, activated_at, archived_at)');

CREATE TABLE user_role (
  tenant_id uuid NOT NULL,
  user_id uuid NOT NULL,
  role_id uuid NOT NULL,
  PRIMARY KEY (tenant_id, user_id, role_id),
  FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id) ON DELETE CASCADE,
  FOREIGN KEY (tenant_id, role_id) REFERENCES role (tenant_id, id)
);
CREATE INDEX user_role_role ON user_role (tenant_id, role_id);
SELECT platform.tenant_table('user_role');

-- One per log-in: the family of its refresh tokens. Ends once, for one reason.
CREATE TABLE session (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  user_id uuid NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  refreshed_at timestamptz NOT NULL DEFAULT now(),
  expires_at timestamptz NOT NULL,
  ended_at timestamptz,
  end_reason text CHECK (end_reason IN ('logout', 'reuse', 'password', 'removed')),
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id) ON DELETE CASCADE,
  CHECK ((ended_at IS NULL) = (end_reason IS NULL))
);
CREATE INDEX session_of_user ON session (tenant_id, user_id) WHERE ended_at IS NULL;
CREATE INDEX session_age ON session (expires_at);
SELECT platform.tenant_table('session');
SELECT platform.worker_table('session', 'SELECT, DELETE');

-- Every token of the family, also the used ones: only so is a second use told from a forgery.
CREATE TABLE refresh_token (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  session_id uuid NOT NULL,
  secret_hash bytea NOT NULL CHECK (length(secret_hash) = 32),
  created_at timestamptz NOT NULL DEFAULT now(),
  used_at timestamptz,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, session_id) REFERENCES session (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX refresh_token_session ON refresh_token (tenant_id, session_id);
SELECT platform.tenant_table('refresh_token');

CREATE TABLE api_key (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  name text NOT NULL,
  permissions text[] NOT NULL,
  secret_hash bytea NOT NULL CHECK (length(secret_hash) = 32),
  expires_at timestamptz,
  revoked_at timestamptz,
  reference text,
  metadata jsonb NOT NULL DEFAULT '{}',
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  version int NOT NULL DEFAULT 1,
  PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX api_key_reference ON api_key (tenant_id, reference);
SELECT platform.tenant_table('api_key');

-- What a sign-up asked for: the same request again within a day is answered again.
CREATE TABLE signup (
  tenant_id uuid NOT NULL,
  user_id uuid NOT NULL,
  request_hash text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id),
  FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id)
);
SELECT platform.tenant_table('signup');

-- Failed log-ins per e-mail address (as a keyed hash), whether it is known or not: the answer must not tell.
-- No tenant column: the address belongs to none yet. The worker alone reads and writes it.
CREATE TABLE login_failure (
  email_hash bytea PRIMARY KEY,
  failures int NOT NULL CHECK (failures > 0),
  locked_until timestamptz,
  failed_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX login_failure_age ON login_failure (failed_at);
ALTER TABLE login_failure ENABLE ROW LEVEL SECURITY;
ALTER TABLE login_failure FORCE ROW LEVEL SECURITY;
SELECT platform.worker_table('login_failure', 'SELECT, INSERT, UPDATE, DELETE');

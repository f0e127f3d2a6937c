-- Who did what, when, from where. One chain per tenant: each row holds the hash of the one before, and its own over all of it.
-- id is the event that told of it. actor_id is a user, an API key or a service.
CREATE TABLE audit_log (
  tenant_id uuid NOT NULL,
  seq bigint NOT NULL,
  id uuid NOT NULL,
  at timestamptz NOT NULL,
  action text NOT NULL,
  actor_id text NOT NULL,
  actor_kind text NOT NULL CHECK (actor_kind IN ('user', 'apiKey', 'service')),
  resource_id text,
  fields text[] NOT NULL,
  request_id text,
  address text,
  previous bytea NOT NULL,
  hash bytea NOT NULL,
  PRIMARY KEY (tenant_id, seq),
  CONSTRAINT audit_log_id_key UNIQUE (tenant_id, id)
);
CREATE INDEX audit_log_actor ON audit_log (tenant_id, actor_id, seq);
CREATE INDEX audit_log_resource ON audit_log (tenant_id, resource_id, seq) WHERE resource_id IS NOT NULL;
SELECT platform.append_only('audit_log');

-- The end of each chain: held by whoever appends, and without it rows that are gone from the end would not be missed.
CREATE TABLE audit_head (
  tenant_id uuid NOT NULL PRIMARY KEY,
  seq bigint NOT NULL,
  hash bytea NOT NULL
);
SELECT platform.tenant_table('audit_head', 'INSERT, UPDATE');

-- Tenants, their stores and their tills.

-- The tenant's own row: id and tenant_id are the same, so that row-level security covers it like any other.
CREATE TABLE tenant (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL CHECK (id = tenant_id),
  name text NOT NULL,
  slug text NOT NULL,
  country text NOT NULL CHECK (country ~ '^[A-Z]{2}$'),
  currency text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
  timezone text NOT NULL,
  settings jsonb NOT NULL,
  reference text,
  metadata jsonb NOT NULL DEFAULT '{}',
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  version int NOT NULL DEFAULT 1,
  archived_at timestamptz,
  PRIMARY KEY (tenant_id, id)
);
SELECT platform.tenant_table('tenant', 'INSERT, UPDATE');

-- The one key of the platform that spans tenants: a slug is a public name, and sign-up must refuse a second owner of it.
-- A tenant writes and reads its own slug only; the worker's role reads all, to find the tenant of a log-in.
CREATE TABLE tenant_slug (
  slug text PRIMARY KEY CHECK (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$'),
  tenant_id uuid NOT NULL DEFAULT nullif(current_setting('app.tenant_id', true), '')::uuid
);
ALTER TABLE tenant_slug ENABLE ROW LEVEL SECURITY;
ALTER TABLE tenant_slug FORCE ROW LEVEL SECURITY;
CREATE POLICY owner ON tenant_slug TO beaver_entity USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
  WITH CHECK (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
GRANT SELECT, INSERT ON tenant_slug TO beaver_entity;
SELECT platform.worker_table('tenant_slug', 'SELECT');

CREATE TABLE store (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  code text NOT NULL,
  name text NOT NULL,
  timezone text NOT NULL,
  currency text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
  address jsonb,
  prices_include_tax boolean NOT NULL DEFAULT true,
  cash_rounding int CHECK (cash_rounding > 0),
  reference text,
  metadata jsonb NOT NULL DEFAULT '{}',
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  version int NOT NULL DEFAULT 1,
  archived_at timestamptz,
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT store_code_key UNIQUE (tenant_id, code),
  CONSTRAINT store_reference_key UNIQUE (tenant_id, reference)
);
CREATE INDEX store_by_name ON store (tenant_id, name, id);
SELECT platform.tenant_table('store', 'INSERT, UPDATE');

-- token_hash: SHA-256 of the device token, which is shown once and never kept.
CREATE TABLE register (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  store_id uuid NOT NULL,
  name text NOT NULL,
  token_hash text NOT NULL,
  reference text,
  metadata jsonb NOT NULL DEFAULT '{}',
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  version int NOT NULL DEFAULT 1,
  archived_at timestamptz,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, store_id) REFERENCES store (tenant_id, id),
  CONSTRAINT register_reference_key UNIQUE (tenant_id, reference)
);
CREATE INDEX register_by_store ON register (tenant_id, store_id, id);
SELECT platform.tenant_table('register', 'INSERT, UPDATE');

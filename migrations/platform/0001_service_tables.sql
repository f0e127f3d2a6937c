-- The tables that every service has, in its own schema: events out, events in, answers kept for a repeated request, sagas.

CREATE TABLE outbox (
  seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  type text NOT NULL,
  subject text NOT NULL,
  time timestamptz NOT NULL DEFAULT now(),
  data json NOT NULL,
  traceparent text,
  published_at timestamptz,
  UNIQUE (tenant_id, id)
);
CREATE INDEX outbox_waiting ON outbox (seq) WHERE published_at IS NULL;
-- Rows of a few kilobytes stay in one piece: compressing them costs more CPU than the statement that writes them.
ALTER TABLE outbox SET (toast_tuple_target = 8160);
SELECT platform.append_only('outbox');
SELECT platform.worker_table('outbox');

CREATE TABLE inbox (
  tenant_id uuid NOT NULL,
  event_id uuid NOT NULL,
  applied_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, event_id)
);
SELECT platform.append_only('inbox');
SELECT platform.worker_table('inbox', 'SELECT, DELETE');

CREATE TABLE dead_letter (
  tenant_id uuid NOT NULL,
  event_id uuid NOT NULL,
  type text NOT NULL,
  event json NOT NULL,
  reason text NOT NULL,
  attempts int NOT NULL,
  failed_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, event_id)
);
SELECT platform.tenant_table('dead_letter');
SELECT platform.worker_table('dead_letter');

-- status NULL: the first request still runs, until lease_until. Kept for 48 h, twice what the contract promises.
CREATE TABLE idempotency_key (
  tenant_id uuid NOT NULL,
  key text NOT NULL,
  request_hash text NOT NULL,
  status smallint,
  response text,
  created_at timestamptz NOT NULL DEFAULT now(),
  lease_until timestamptz,
  PRIMARY KEY (tenant_id, key)
);
ALTER TABLE idempotency_key SET (toast_tuple_target = 8160);
CREATE INDEX idempotency_key_age ON idempotency_key (created_at);
SELECT platform.tenant_table('idempotency_key');
SELECT platform.worker_table('idempotency_key', 'SELECT, DELETE');

-- status: running (forward), compensating (backward), completed, compensated, stuck. fence grows with each owner.
CREATE TABLE saga (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  kind text NOT NULL,
  status text NOT NULL CHECK (status IN ('running', 'compensating', 'completed', 'compensated', 'stuck')),
  input json NOT NULL,
  failed_step int,
  refusal json,
  reason text,
  attempts int NOT NULL DEFAULT 0,
  fence bigint NOT NULL DEFAULT 1,
  lease_until timestamptz NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, id)
);
ALTER TABLE saga SET (toast_tuple_target = 8160);
CREATE INDEX saga_due ON saga (lease_until) WHERE status IN ('running', 'compensating');
SELECT platform.tenant_table('saga');
SELECT platform.worker_table('saga', 'SELECT');

-- Long jobs (imports), workflows with their runs, and what they leave: notifications and mails.

-- A mapping of columns to fields that a tenant made; those for the samples are built into the code.
CREATE TABLE import_mapping (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  name text NOT NULL,
  type text NOT NULL CHECK (type IN ('products', 'inventory', 'suppliers', 'sales')),
  columns jsonb NOT NULL,
  date_format text NOT NULL CHECK (date_format IN ('iso', 'dayFirst', 'monthFirst')),
  delimiter text NOT NULL CHECK (length(delimiter) = 1),
  reference text,
  metadata jsonb NOT NULL DEFAULT '{}',
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  version int NOT NULL DEFAULT 1,
  archived_at timestamptz,
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT import_mapping_name_key UNIQUE (tenant_id, name),
  CONSTRAINT import_mapping_reference_key UNIQUE (tenant_id, reference)
);
SELECT platform.tenant_table('import_mapping');

-- `done_line` is the checkpoint: all lines up to it are done, and their counts are in the row.
-- `fence` grows with each owner: a runner that was only asleep cannot write over its successor.
CREATE TABLE import_job (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  type text NOT NULL CHECK (type IN ('products', 'inventory', 'suppliers', 'sales')),
  status text NOT NULL CHECK (status IN ('receiving', 'queued', 'running', 'completed', 'failed')),
  store_id uuid,
  mapping_name text,
  mapping jsonb NOT NULL,
  context jsonb NOT NULL,
  sha256 text,
  done_line bigint NOT NULL DEFAULT 0,
  rows bigint NOT NULL DEFAULT 0,
  imported bigint NOT NULL DEFAULT 0,
  rejected bigint NOT NULL DEFAULT 0,
  skipped bigint NOT NULL DEFAULT 0,
  message text,
  fence bigint NOT NULL DEFAULT 0,
  attempts int NOT NULL DEFAULT 0,
  lease_until timestamptz NOT NULL DEFAULT now(),
  started_at timestamptz,
  finished_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  version int NOT NULL DEFAULT 1,
  PRIMARY KEY (tenant_id, id),
  CHECK (rows = imported + rejected + skipped)
);
CREATE INDEX import_job_due ON import_job (lease_until) WHERE status IN ('queued', 'running');
CREATE INDEX import_job_created ON import_job (tenant_id, created_at, id);
SELECT platform.tenant_table('import_job');
SELECT platform.worker_table('import_job', 'SELECT, DELETE');

-- The file, until the job is done: any node can go on with it. Not compressed: it is read once and thrown away.
CREATE TABLE import_chunk (
  tenant_id uuid NOT NULL,
  import_id uuid NOT NULL,
  index int NOT NULL,
  text text NOT NULL,
  PRIMARY KEY (tenant_id, import_id, index),
  FOREIGN KEY (tenant_id, import_id) REFERENCES import_job (tenant_id, id) ON DELETE CASCADE
);
ALTER TABLE import_chunk ALTER COLUMN text SET STORAGE EXTERNAL; -- a word of CREATE TABLE from PostgreSQL 16 on, and 15 is the oldest that works
SELECT platform.tenant_table('import_chunk');

-- The first thousand rejected rows of a job; the count in the job is exact.
CREATE TABLE import_rejection (
  tenant_id uuid NOT NULL,
  import_id uuid NOT NULL,
  line bigint NOT NULL,
  code text NOT NULL,
  message text NOT NULL,
  PRIMARY KEY (tenant_id, import_id, line),
  FOREIGN KEY (tenant_id, import_id) REFERENCES import_job (tenant_id, id) ON DELETE CASCADE
);
SELECT platform.tenant_table('import_rejection');

CREATE TABLE workflow (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  template text NOT NULL,
  name text NOT NULL,
  enabled boolean NOT NULL DEFAULT true,
  trigger_event text NOT NULL,
  steps jsonb NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  version int NOT NULL DEFAULT 1,
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, template)
);
SELECT platform.tenant_table('workflow', 'INSERT, UPDATE');

-- One run per workflow and event, with the steps as they stood when the event came.
CREATE TABLE workflow_run (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  workflow_id uuid NOT NULL,
  event_id uuid NOT NULL,
  status text NOT NULL CHECK (status IN ('running', 'completed', 'failed')),
  input jsonb NOT NULL,
  fence bigint NOT NULL DEFAULT 0,
  due_at timestamptz NOT NULL DEFAULT now(),
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  finished_at timestamptz,
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, workflow_id, event_id),
  FOREIGN KEY (tenant_id, workflow_id) REFERENCES workflow (tenant_id, id)
);
CREATE INDEX workflow_run_due ON workflow_run (due_at) WHERE status = 'running';
CREATE INDEX workflow_run_of ON workflow_run (tenant_id, workflow_id, created_at, id);
SELECT platform.tenant_table('workflow_run');
SELECT platform.worker_table('workflow_run', 'SELECT');

CREATE TABLE workflow_step (
  tenant_id uuid NOT NULL,
  run_id uuid NOT NULL,
  index int NOT NULL,
  kind text NOT NULL CHECK (kind IN ('notify', 'email')),
  config jsonb NOT NULL,
  status text NOT NULL DEFAULT 'waiting' CHECK (status IN ('waiting', 'completed', 'failed')),
  tries int NOT NULL DEFAULT 0,
  attempts jsonb NOT NULL DEFAULT '[]',
  PRIMARY KEY (tenant_id, run_id, index),
  FOREIGN KEY (tenant_id, run_id) REFERENCES workflow_run (tenant_id, id)
);
SELECT platform.tenant_table('workflow_step');

CREATE TABLE notification (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  run_id uuid NOT NULL,
  step int NOT NULL,
  kind text NOT NULL,
  title text NOT NULL,
  body text NOT NULL,
  data jsonb NOT NULL,
  read_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  version int NOT NULL DEFAULT 1,
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, run_id, step)
);
CREATE INDEX notification_created ON notification (tenant_id, created_at, id);
SELECT platform.tenant_table('notification');

-- Every mail as it was handed out. `stored`: no SMTP server is set, this table is the mailbox.
CREATE TABLE mail (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  run_id uuid NOT NULL,
  step int NOT NULL,
  recipients text[] NOT NULL,
  subject text NOT NULL,
  text text NOT NULL,
  status text NOT NULL CHECK (status IN ('queued', 'sent', 'stored')),
  sent_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, run_id, step)
);
CREATE INDEX mail_created ON mail (tenant_id, created_at, id);
SELECT platform.tenant_table('mail');

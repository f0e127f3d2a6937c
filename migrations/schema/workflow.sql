-- Schema workflow: written by `npm run schema` from a database that the migrations made. Do not edit.

TABLE dead_letter  (row-level security forced)
  tenant_id uuid NOT NULL DEFAULT (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid
  event_id uuid NOT NULL
  type text NOT NULL
  event json NOT NULL
  reason text NOT NULL
  attempts integer NOT NULL
  failed_at timestamp with time zone NOT NULL DEFAULT now()
  CONSTRAINT dead_letter_pkey PRIMARY KEY (tenant_id, event_id)
  POLICY tenant TO beaver_workflow
  POLICY worker TO beaver_workflow_worker
  GRANT DELETE, INSERT, SELECT, UPDATE TO beaver_workflow
  GRANT DELETE, SELECT, UPDATE TO beaver_workflow_worker

TABLE idempotency_key  (row-level security forced)
  tenant_id uuid NOT NULL DEFAULT (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid
  key text NOT NULL
  request_hash text NOT NULL
  status smallint
  response text
  created_at timestamp with time zone NOT NULL DEFAULT now()
  lease_until timestamp with time zone
  answered_at timestamp with time zone
  CONSTRAINT idempotency_key_pkey PRIMARY KEY (tenant_id, key)
  CREATE INDEX idempotency_key_age ON workflow.idempotency_key USING btree (created_at)
  POLICY tenant TO beaver_workflow
  POLICY worker TO beaver_workflow_worker
  GRANT DELETE, INSERT, SELECT, UPDATE TO beaver_workflow
  GRANT DELETE, SELECT TO beaver_workflow_worker

TABLE import_chunk  (row-level security forced)
  tenant_id uuid NOT NULL DEFAULT (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid
  import_id uuid NOT NULL
  index integer NOT NULL
  text text NOT NULL
  CONSTRAINT import_chunk_pkey PRIMARY KEY (tenant_id, import_id, index)
  CONSTRAINT import_chunk_tenant_id_import_id_fkey FOREIGN KEY (tenant_id, import_id) REFERENCES workflow.import_job(tenant_id, id) ON DELETE CASCADE
  POLICY tenant TO beaver_workflow
  GRANT DELETE, INSERT, SELECT, UPDATE TO beaver_workflow

TABLE import_job  (row-level security forced)
  tenant_id uuid NOT NULL DEFAULT (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid
  id uuid NOT NULL
  type text NOT NULL
  status text NOT NULL
  store_id uuid
  mapping_name text
  mapping jsonb NOT NULL
  context jsonb NOT NULL
  sha256 text
  done_line bigint NOT NULL DEFAULT 0
  rows bigint NOT NULL DEFAULT 0
  imported bigint NOT NULL DEFAULT 0
  rejected bigint NOT NULL DEFAULT 0
  skipped bigint NOT NULL DEFAULT 0
  message text
  fence bigint NOT NULL DEFAULT 0
  attempts integer NOT NULL DEFAULT 0
  lease_until timestamp with time zone NOT NULL DEFAULT now()
  started_at timestamp with time zone
  finished_at timestamp with time zone
  created_at timestamp with time zone NOT NULL DEFAULT now()
  updated_at timestamp with time zone NOT NULL DEFAULT now()
  version integer NOT NULL DEFAULT 1
  traceparent text
  request_id text
  actor text
  CONSTRAINT import_job_check CHECK ((rows = ((imported + rejected) + skipped)))
  CONSTRAINT import_job_pkey PRIMARY KEY (tenant_id, id)
  CONSTRAINT import_job_status_check CHECK ((status = ANY (ARRAY['receiving'::text, 'queued'::text, 'running'::text, 'completed'::text, 'failed'::text])))
  CONSTRAINT import_job_type_check CHECK ((type = ANY (ARRAY['products'::text, 'inventory'::text, 'customers'::text, 'suppliers'::text, 'sales'::text])))
  CREATE INDEX import_job_created ON workflow.import_job USING btree (tenant_id, created_at, id)
  CREATE INDEX import_job_due ON workflow.import_job USING btree (lease_until) WHERE (status = ANY (ARRAY['queued'::text, 'running'::text]))
  POLICY tenant TO beaver_workflow
  POLICY worker TO beaver_workflow_worker
  GRANT DELETE, INSERT, SELECT, UPDATE TO beaver_workflow
  GRANT DELETE, SELECT TO beaver_workflow_worker

TABLE import_mapping  (row-level security forced)
  tenant_id uuid NOT NULL DEFAULT (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid
  id uuid NOT NULL
  name text NOT NULL
  type text NOT NULL
  columns jsonb NOT NULL
  date_format text NOT NULL
  delimiter text NOT NULL
  reference text
  metadata jsonb NOT NULL DEFAULT '{}'::jsonb
  created_at timestamp with time zone NOT NULL DEFAULT now()
  updated_at timestamp with time zone NOT NULL DEFAULT now()
  version integer NOT NULL DEFAULT 1
  archived_at timestamp with time zone
  CONSTRAINT import_mapping_date_format_check CHECK ((date_format = ANY (ARRAY['iso'::text, 'dayFirst'::text, 'monthFirst'::text])))
  CONSTRAINT import_mapping_delimiter_check CHECK ((length(delimiter) = 1))
  CONSTRAINT import_mapping_name_key UNIQUE (tenant_id, name)
  CONSTRAINT import_mapping_pkey PRIMARY KEY (tenant_id, id)
  CONSTRAINT import_mapping_reference_key UNIQUE (tenant_id, reference)
  CONSTRAINT import_mapping_type_check CHECK ((type = ANY (ARRAY['products'::text, 'inventory'::text, 'customers'::text, 'suppliers'::text, 'sales'::text])))
  CREATE UNIQUE INDEX import_mapping_name_key ON workflow.import_mapping USING btree (tenant_id, name)
  CREATE UNIQUE INDEX import_mapping_reference_key ON workflow.import_mapping USING btree (tenant_id, reference)
  POLICY tenant TO beaver_workflow
  GRANT DELETE, INSERT, SELECT, UPDATE TO beaver_workflow

TABLE import_rejection  (row-level security forced)
  tenant_id uuid NOT NULL DEFAULT (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid
  import_id uuid NOT NULL
  line bigint NOT NULL
  code text NOT NULL
  message text NOT NULL
  CONSTRAINT import_rejection_pkey PRIMARY KEY (tenant_id, import_id, line)
  CONSTRAINT import_rejection_tenant_id_import_id_fkey FOREIGN KEY (tenant_id, import_id) REFERENCES workflow.import_job(tenant_id, id) ON DELETE CASCADE
  POLICY tenant TO beaver_workflow
  GRANT DELETE, INSERT, SELECT, UPDATE TO beaver_workflow

TABLE inbox  (row-level security forced)
  tenant_id uuid NOT NULL DEFAULT (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid
  event_id uuid NOT NULL
  applied_at timestamp with time zone NOT NULL DEFAULT now()
  CONSTRAINT inbox_pkey PRIMARY KEY (tenant_id, event_id)
  CREATE INDEX inbox_age ON workflow.inbox USING btree (applied_at)
  POLICY tenant TO beaver_workflow
  POLICY worker TO beaver_workflow_worker
  GRANT INSERT, SELECT TO beaver_workflow
  GRANT DELETE, SELECT TO beaver_workflow_worker

TABLE mail  (row-level security forced)
  tenant_id uuid NOT NULL DEFAULT (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid
  id uuid NOT NULL
  run_id uuid NOT NULL
  step integer NOT NULL
  recipients text[] NOT NULL
  subject text NOT NULL
  text text NOT NULL
  status text NOT NULL
  sent_at timestamp with time zone
  created_at timestamp with time zone NOT NULL DEFAULT now()
  CONSTRAINT mail_pkey PRIMARY KEY (tenant_id, id)
  CONSTRAINT mail_status_check CHECK ((status = ANY (ARRAY['queued'::text, 'sent'::text, 'stored'::text])))
  CONSTRAINT mail_tenant_id_run_id_step_key UNIQUE (tenant_id, run_id, step)
  CREATE INDEX mail_created ON workflow.mail USING btree (tenant_id, created_at, id)
  CREATE UNIQUE INDEX mail_tenant_id_run_id_step_key ON workflow.mail USING btree (tenant_id, run_id, step)
  POLICY tenant TO beaver_workflow
  GRANT DELETE, INSERT, SELECT, UPDATE TO beaver_workflow

TABLE notification  (row-level security forced)
  tenant_id uuid NOT NULL DEFAULT (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid
  id uuid NOT NULL
  run_id uuid NOT NULL
  step integer NOT NULL
  kind text NOT NULL
  title text NOT NULL
  body text NOT NULL
  data jsonb NOT NULL
  read_at timestamp with time zone
  created_at timestamp with time zone NOT NULL DEFAULT now()
  updated_at timestamp with time zone NOT NULL DEFAULT now()
  version integer NOT NULL DEFAULT 1
  CONSTRAINT notification_pkey PRIMARY KEY (tenant_id, id)
  CONSTRAINT notification_tenant_id_run_id_step_key UNIQUE (tenant_id, run_id, step)
  CREATE INDEX notification_created ON workflow.notification USING btree (tenant_id, created_at, id)
  CREATE UNIQUE INDEX notification_tenant_id_run_id_step_key ON workflow.notification USING btree (tenant_id, run_id, step)
  POLICY tenant TO beaver_workflow
  GRANT DELETE, INSERT, SELECT, UPDATE TO beaver_workflow

TABLE outbox  (row-level security forced)
  seq bigint NOT NULL IDENTITY
  tenant_id uuid NOT NULL DEFAULT (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid
  id uuid NOT NULL
  type text NOT NULL
  subject text NOT NULL
  time timestamp with time zone NOT NULL DEFAULT now()
  data json NOT NULL
  traceparent text
  published_at timestamp with time zone
  published_to text
  request_id text
  actor text
  CONSTRAINT outbox_pkey PRIMARY KEY (seq)
  CONSTRAINT outbox_tenant_id_id_key UNIQUE (tenant_id, id)
  CREATE INDEX outbox_history ON workflow.outbox USING btree (tenant_id, published_at, seq) WHERE (published_at IS NOT NULL)
  CREATE INDEX outbox_published ON workflow.outbox USING btree (published_at) WHERE (published_at IS NOT NULL)
  CREATE INDEX outbox_waiting ON workflow.outbox USING btree (seq) WHERE (published_at IS NULL)
  CREATE UNIQUE INDEX outbox_tenant_id_id_key ON workflow.outbox USING btree (tenant_id, id)
  POLICY tenant TO beaver_workflow
  POLICY worker TO beaver_workflow_worker
  GRANT INSERT, SELECT TO beaver_workflow
  GRANT DELETE, SELECT, UPDATE TO beaver_workflow_worker

TABLE restored  (NO ROW-LEVEL SECURITY)
  epoch uuid NOT NULL
  taken_at timestamp with time zone NOT NULL
  restored_at timestamp with time zone NOT NULL DEFAULT clock_timestamp()
  CONSTRAINT restored_pkey PRIMARY KEY (epoch)
  GRANT SELECT TO beaver_workflow
  GRANT SELECT TO beaver_workflow_worker

TABLE saga  (row-level security forced)
  tenant_id uuid NOT NULL DEFAULT (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid
  id uuid NOT NULL
  kind text NOT NULL
  status text NOT NULL
  input json NOT NULL
  failed_step integer
  refusal json
  reason text
  attempts integer NOT NULL DEFAULT 0
  fence bigint NOT NULL DEFAULT 1
  lease_until timestamp with time zone NOT NULL
  created_at timestamp with time zone NOT NULL DEFAULT now()
  updated_at timestamp with time zone NOT NULL DEFAULT now()
  traceparent text
  request_id text
  actor text
  CONSTRAINT saga_pkey PRIMARY KEY (tenant_id, id)
  CONSTRAINT saga_status_check CHECK ((status = ANY (ARRAY['running'::text, 'compensating'::text, 'completed'::text, 'compensated'::text, 'stuck'::text])))
  CREATE INDEX saga_due ON workflow.saga USING btree (lease_until) WHERE (status = ANY (ARRAY['running'::text, 'compensating'::text]))
  CREATE INDEX saga_ended ON workflow.saga USING btree (updated_at) WHERE (status = ANY (ARRAY['completed'::text, 'compensated'::text]))
  CREATE INDEX saga_stuck ON workflow.saga USING btree (kind) WHERE (status = 'stuck'::text)
  POLICY tenant TO beaver_workflow
  POLICY worker TO beaver_workflow_worker
  GRANT DELETE, INSERT, SELECT, UPDATE TO beaver_workflow
  GRANT DELETE, SELECT TO beaver_workflow_worker

TABLE schema_migration  (NO ROW-LEVEL SECURITY)
  name text NOT NULL
  applied_at timestamp with time zone NOT NULL DEFAULT now()
  CONSTRAINT schema_migration_pkey PRIMARY KEY (name)
  GRANT SELECT TO beaver_workflow
  GRANT SELECT TO beaver_workflow_worker

TABLE workflow  (row-level security forced)
  tenant_id uuid NOT NULL DEFAULT (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid
  id uuid NOT NULL
  template text NOT NULL
  name text NOT NULL
  enabled boolean NOT NULL DEFAULT true
  trigger_event text NOT NULL
  steps jsonb NOT NULL
  created_at timestamp with time zone NOT NULL DEFAULT now()
  updated_at timestamp with time zone NOT NULL DEFAULT now()
  version integer NOT NULL DEFAULT 1
  CONSTRAINT workflow_pkey PRIMARY KEY (tenant_id, id)
  CONSTRAINT workflow_tenant_id_template_key UNIQUE (tenant_id, template)
  CREATE UNIQUE INDEX workflow_tenant_id_template_key ON workflow.workflow USING btree (tenant_id, template)
  POLICY tenant TO beaver_workflow
  GRANT INSERT, SELECT, UPDATE TO beaver_workflow

TABLE workflow_run  (row-level security forced)
  tenant_id uuid NOT NULL DEFAULT (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid
  id uuid NOT NULL
  workflow_id uuid NOT NULL
  event_id uuid NOT NULL
  status text NOT NULL
  input jsonb NOT NULL
  fence bigint NOT NULL DEFAULT 0
  due_at timestamp with time zone NOT NULL DEFAULT now()
  created_at timestamp with time zone NOT NULL DEFAULT now()
  updated_at timestamp with time zone NOT NULL DEFAULT now()
  finished_at timestamp with time zone
  traceparent text
  request_id text
  actor text
  CONSTRAINT workflow_run_pkey PRIMARY KEY (tenant_id, id)
  CONSTRAINT workflow_run_status_check CHECK ((status = ANY (ARRAY['running'::text, 'completed'::text, 'failed'::text])))
  CONSTRAINT workflow_run_tenant_id_workflow_id_event_id_key UNIQUE (tenant_id, workflow_id, event_id)
  CONSTRAINT workflow_run_tenant_id_workflow_id_fkey FOREIGN KEY (tenant_id, workflow_id) REFERENCES workflow.workflow(tenant_id, id)
  CREATE INDEX workflow_run_due ON workflow.workflow_run USING btree (due_at) WHERE (status = 'running'::text)
  CREATE INDEX workflow_run_of ON workflow.workflow_run USING btree (tenant_id, workflow_id, created_at, id)
  CREATE UNIQUE INDEX workflow_run_tenant_id_workflow_id_event_id_key ON workflow.workflow_run USING btree (tenant_id, workflow_id, event_id)
  POLICY tenant TO beaver_workflow
  POLICY worker TO beaver_workflow_worker
  GRANT DELETE, INSERT, SELECT, UPDATE TO beaver_workflow
  GRANT SELECT TO beaver_workflow_worker

TABLE workflow_step  (row-level security forced)
  tenant_id uuid NOT NULL DEFAULT (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid
  run_id uuid NOT NULL
  index integer NOT NULL
  kind text NOT NULL
  config jsonb NOT NULL
  status text NOT NULL DEFAULT 'waiting'::text
  tries integer NOT NULL DEFAULT 0
  attempts jsonb NOT NULL DEFAULT '[]'::jsonb
  CONSTRAINT workflow_step_kind_check CHECK ((kind = ANY (ARRAY['notify'::text, 'email'::text])))
  CONSTRAINT workflow_step_pkey PRIMARY KEY (tenant_id, run_id, index)
  CONSTRAINT workflow_step_status_check CHECK ((status = ANY (ARRAY['waiting'::text, 'completed'::text, 'failed'::text])))
  CONSTRAINT workflow_step_tenant_id_run_id_fkey FOREIGN KEY (tenant_id, run_id) REFERENCES workflow.workflow_run(tenant_id, id)
  POLICY tenant TO beaver_workflow
  GRANT DELETE, INSERT, SELECT, UPDATE TO beaver_workflow

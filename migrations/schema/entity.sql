-- Schema entity: written by `npm run schema` from a database that the migrations made. Do not edit.

TABLE dead_letter  (row-level security forced)
  tenant_id uuid NOT NULL DEFAULT (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid
  event_id uuid NOT NULL
  type text NOT NULL
  event json NOT NULL
  reason text NOT NULL
  attempts integer NOT NULL
  failed_at timestamp with time zone NOT NULL DEFAULT now()
  CONSTRAINT dead_letter_pkey PRIMARY KEY (tenant_id, event_id)
  POLICY tenant TO beaver_entity
  POLICY worker TO beaver_entity_worker
  GRANT DELETE, INSERT, SELECT, UPDATE TO beaver_entity
  GRANT DELETE, SELECT, UPDATE TO beaver_entity_worker

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
  CREATE INDEX idempotency_key_age ON entity.idempotency_key USING btree (created_at)
  POLICY tenant TO beaver_entity
  POLICY worker TO beaver_entity_worker
  GRANT DELETE, INSERT, SELECT, UPDATE TO beaver_entity
  GRANT DELETE, SELECT TO beaver_entity_worker

TABLE inbox  (row-level security forced)
  tenant_id uuid NOT NULL DEFAULT (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid
  event_id uuid NOT NULL
  applied_at timestamp with time zone NOT NULL DEFAULT now()
  CONSTRAINT inbox_pkey PRIMARY KEY (tenant_id, event_id)
  CREATE INDEX inbox_age ON entity.inbox USING btree (applied_at)
  POLICY tenant TO beaver_entity
  POLICY worker TO beaver_entity_worker
  GRANT INSERT, SELECT TO beaver_entity
  GRANT DELETE, SELECT TO beaver_entity_worker

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
  CREATE INDEX outbox_history ON entity.outbox USING btree (tenant_id, published_at, seq) WHERE (published_at IS NOT NULL)
  CREATE INDEX outbox_published ON entity.outbox USING btree (published_at) WHERE (published_at IS NOT NULL)
  CREATE INDEX outbox_waiting ON entity.outbox USING btree (seq) WHERE (published_at IS NULL)
  CREATE UNIQUE INDEX outbox_tenant_id_id_key ON entity.outbox USING btree (tenant_id, id)
  POLICY tenant TO beaver_entity
  POLICY worker TO beaver_entity_worker
  GRANT INSERT, SELECT TO beaver_entity
  GRANT DELETE, SELECT, UPDATE TO beaver_entity_worker

TABLE register  (row-level security forced)
  tenant_id uuid NOT NULL DEFAULT (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid
  id uuid NOT NULL
  store_id uuid NOT NULL
  name text NOT NULL
  token_hash text NOT NULL
  reference text
  metadata jsonb NOT NULL DEFAULT '{}'::jsonb
  created_at timestamp with time zone NOT NULL DEFAULT now()
  updated_at timestamp with time zone NOT NULL DEFAULT now()
  version integer NOT NULL DEFAULT 1
  archived_at timestamp with time zone
  CONSTRAINT register_pkey PRIMARY KEY (tenant_id, id)
  CONSTRAINT register_reference_key UNIQUE (tenant_id, reference)
  CONSTRAINT register_tenant_id_store_id_fkey FOREIGN KEY (tenant_id, store_id) REFERENCES entity.store(tenant_id, id)
  CREATE INDEX register_by_store ON entity.register USING btree (tenant_id, store_id, id)
  CREATE UNIQUE INDEX register_reference_key ON entity.register USING btree (tenant_id, reference)
  POLICY tenant TO beaver_entity
  GRANT INSERT, SELECT, UPDATE TO beaver_entity

TABLE restored  (NO ROW-LEVEL SECURITY)
  epoch uuid NOT NULL
  taken_at timestamp with time zone NOT NULL
  restored_at timestamp with time zone NOT NULL DEFAULT clock_timestamp()
  CONSTRAINT restored_pkey PRIMARY KEY (epoch)
  GRANT SELECT TO beaver_entity
  GRANT SELECT TO beaver_entity_worker

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
  CREATE INDEX saga_due ON entity.saga USING btree (lease_until) WHERE (status = ANY (ARRAY['running'::text, 'compensating'::text]))
  CREATE INDEX saga_ended ON entity.saga USING btree (updated_at) WHERE (status = ANY (ARRAY['completed'::text, 'compensated'::text]))
  CREATE INDEX saga_stuck ON entity.saga USING btree (kind) WHERE (status = 'stuck'::text)
  POLICY tenant TO beaver_entity
  POLICY worker TO beaver_entity_worker
  GRANT DELETE, INSERT, SELECT, UPDATE TO beaver_entity
  GRANT DELETE, SELECT TO beaver_entity_worker

TABLE schema_migration  (NO ROW-LEVEL SECURITY)
  name text NOT NULL
  applied_at timestamp with time zone NOT NULL DEFAULT now()
  CONSTRAINT schema_migration_pkey PRIMARY KEY (name)
  GRANT SELECT TO beaver_entity
  GRANT SELECT TO beaver_entity_worker

TABLE store  (row-level security forced)
  tenant_id uuid NOT NULL DEFAULT (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid
  id uuid NOT NULL
  code text NOT NULL
  name text NOT NULL
  timezone text NOT NULL
  currency text NOT NULL
  address jsonb
  prices_include_tax boolean NOT NULL DEFAULT true
  cash_rounding integer
  reference text
  metadata jsonb NOT NULL DEFAULT '{}'::jsonb
  created_at timestamp with time zone NOT NULL DEFAULT now()
  updated_at timestamp with time zone NOT NULL DEFAULT now()
  version integer NOT NULL DEFAULT 1
  archived_at timestamp with time zone
  CONSTRAINT store_cash_rounding_check CHECK ((cash_rounding > 0))
  CONSTRAINT store_code_key UNIQUE (tenant_id, code)
  CONSTRAINT store_currency_check CHECK ((currency ~ '^[A-Z]{3}$'::text))
  CONSTRAINT store_pkey PRIMARY KEY (tenant_id, id)
  CONSTRAINT store_reference_key UNIQUE (tenant_id, reference)
  CREATE INDEX store_by_name ON entity.store USING btree (tenant_id, name, id)
  CREATE UNIQUE INDEX store_code_key ON entity.store USING btree (tenant_id, code)
  CREATE UNIQUE INDEX store_reference_key ON entity.store USING btree (tenant_id, reference)
  POLICY tenant TO beaver_entity
  GRANT INSERT, SELECT, UPDATE TO beaver_entity

TABLE tenant  (row-level security forced)
  tenant_id uuid NOT NULL DEFAULT (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid
  id uuid NOT NULL
  name text NOT NULL
  slug text NOT NULL
  country text NOT NULL
  currency text NOT NULL
  timezone text NOT NULL
  settings jsonb NOT NULL
  reference text
  metadata jsonb NOT NULL DEFAULT '{}'::jsonb
  created_at timestamp with time zone NOT NULL DEFAULT now()
  updated_at timestamp with time zone NOT NULL DEFAULT now()
  version integer NOT NULL DEFAULT 1
  archived_at timestamp with time zone
  CONSTRAINT tenant_check CHECK ((id = tenant_id))
  CONSTRAINT tenant_country_check CHECK ((country ~ '^[A-Z]{2}$'::text))
  CONSTRAINT tenant_currency_check CHECK ((currency ~ '^[A-Z]{3}$'::text))
  CONSTRAINT tenant_pkey PRIMARY KEY (tenant_id, id)
  POLICY tenant TO beaver_entity
  GRANT INSERT, SELECT, UPDATE TO beaver_entity

TABLE tenant_slug  (row-level security forced)
  slug text NOT NULL
  tenant_id uuid NOT NULL DEFAULT (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid
  CONSTRAINT tenant_slug_pkey PRIMARY KEY (slug)
  CONSTRAINT tenant_slug_slug_check CHECK ((slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$'::text))
  POLICY owner TO beaver_entity
  POLICY worker TO beaver_entity_worker
  GRANT INSERT, SELECT TO beaver_entity
  GRANT SELECT TO beaver_entity_worker

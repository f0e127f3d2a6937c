-- Schema auth: written by `npm run schema` from a database that the migrations made. Do not edit.

TABLE api_key  (row-level security forced)
  tenant_id uuid NOT NULL DEFAULT (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid
  id uuid NOT NULL
  name text NOT NULL
  permissions text[] NOT NULL
  secret_hash bytea NOT NULL
  expires_at timestamp with time zone
  revoked_at timestamp with time zone
  reference text
  metadata jsonb NOT NULL DEFAULT '{}'::jsonb
  created_at timestamp with time zone NOT NULL DEFAULT now()
  updated_at timestamp with time zone NOT NULL DEFAULT now()
  version integer NOT NULL DEFAULT 1
  CONSTRAINT api_key_pkey PRIMARY KEY (tenant_id, id)
  CONSTRAINT api_key_secret_hash_check CHECK ((length(secret_hash) = 32))
  CREATE UNIQUE INDEX api_key_reference ON auth.api_key USING btree (tenant_id, reference)
  POLICY tenant TO beaver_auth
  GRANT DELETE, INSERT, SELECT, UPDATE TO beaver_auth

TABLE audit_head  (row-level security forced)
  tenant_id uuid NOT NULL DEFAULT (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid
  seq bigint NOT NULL
  hash bytea NOT NULL
  CONSTRAINT audit_head_pkey PRIMARY KEY (tenant_id)
  POLICY tenant TO beaver_auth
  GRANT INSERT, SELECT, UPDATE TO beaver_auth

TABLE audit_log  (row-level security forced)
  tenant_id uuid NOT NULL DEFAULT (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid
  seq bigint NOT NULL
  id uuid NOT NULL
  at timestamp with time zone NOT NULL
  action text NOT NULL
  actor_id text NOT NULL
  actor_kind text NOT NULL
  resource_id text
  fields text[] NOT NULL
  request_id text
  address text
  previous bytea NOT NULL
  hash bytea NOT NULL
  CONSTRAINT audit_log_actor_kind_check CHECK ((actor_kind = ANY (ARRAY['user'::text, 'apiKey'::text, 'service'::text])))
  CONSTRAINT audit_log_id_key UNIQUE (tenant_id, id)
  CONSTRAINT audit_log_pkey PRIMARY KEY (tenant_id, seq)
  CREATE INDEX audit_log_actor ON auth.audit_log USING btree (tenant_id, actor_id, seq)
  CREATE INDEX audit_log_resource ON auth.audit_log USING btree (tenant_id, resource_id, seq) WHERE (resource_id IS NOT NULL)
  CREATE UNIQUE INDEX audit_log_id_key ON auth.audit_log USING btree (tenant_id, id)
  POLICY tenant TO beaver_auth
  GRANT INSERT, SELECT TO beaver_auth

TABLE dead_letter  (row-level security forced)
  tenant_id uuid NOT NULL DEFAULT (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid
  event_id uuid NOT NULL
  type text NOT NULL
  event json NOT NULL
  reason text NOT NULL
  attempts integer NOT NULL
  failed_at timestamp with time zone NOT NULL DEFAULT now()
  CONSTRAINT dead_letter_pkey PRIMARY KEY (tenant_id, event_id)
  POLICY tenant TO beaver_auth
  POLICY worker TO beaver_auth_worker
  GRANT DELETE, INSERT, SELECT, UPDATE TO beaver_auth
  GRANT DELETE, SELECT, UPDATE TO beaver_auth_worker

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
  CREATE INDEX idempotency_key_age ON auth.idempotency_key USING btree (created_at)
  POLICY tenant TO beaver_auth
  POLICY worker TO beaver_auth_worker
  GRANT DELETE, INSERT, SELECT, UPDATE TO beaver_auth
  GRANT DELETE, SELECT TO beaver_auth_worker

TABLE inbox  (row-level security forced)
  tenant_id uuid NOT NULL DEFAULT (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid
  event_id uuid NOT NULL
  applied_at timestamp with time zone NOT NULL DEFAULT now()
  CONSTRAINT inbox_pkey PRIMARY KEY (tenant_id, event_id)
  CREATE INDEX inbox_age ON auth.inbox USING btree (applied_at)
  POLICY tenant TO beaver_auth
  POLICY worker TO beaver_auth_worker
  GRANT INSERT, SELECT TO beaver_auth
  GRANT DELETE, SELECT TO beaver_auth_worker

TABLE login_failure  (row-level security forced)
  email_hash bytea NOT NULL
  failures integer NOT NULL
  locked_until timestamp with time zone
  failed_at timestamp with time zone NOT NULL DEFAULT now()
  CONSTRAINT login_failure_failures_check CHECK ((failures > 0))
  CONSTRAINT login_failure_pkey PRIMARY KEY (email_hash)
  CREATE INDEX login_failure_age ON auth.login_failure USING btree (failed_at)
  POLICY worker TO beaver_auth_worker
  GRANT DELETE, INSERT, SELECT, UPDATE TO beaver_auth_worker

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
  CREATE INDEX outbox_history ON auth.outbox USING btree (tenant_id, published_at, seq) WHERE (published_at IS NOT NULL)
  CREATE INDEX outbox_published ON auth.outbox USING btree (published_at) WHERE (published_at IS NOT NULL)
  CREATE INDEX outbox_waiting ON auth.outbox USING btree (seq) WHERE (published_at IS NULL)
  CREATE UNIQUE INDEX outbox_tenant_id_id_key ON auth.outbox USING btree (tenant_id, id)
  POLICY tenant TO beaver_auth
  POLICY worker TO beaver_auth_worker
  GRANT INSERT, SELECT TO beaver_auth
  GRANT DELETE, SELECT, UPDATE TO beaver_auth_worker

TABLE refresh_token  (row-level security forced)
  tenant_id uuid NOT NULL DEFAULT (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid
  id uuid NOT NULL
  session_id uuid NOT NULL
  secret_hash bytea NOT NULL
  created_at timestamp with time zone NOT NULL DEFAULT now()
  used_at timestamp with time zone
  CONSTRAINT refresh_token_pkey PRIMARY KEY (tenant_id, id)
  CONSTRAINT refresh_token_secret_hash_check CHECK ((length(secret_hash) = 32))
  CONSTRAINT refresh_token_tenant_id_session_id_fkey FOREIGN KEY (tenant_id, session_id) REFERENCES auth.session(tenant_id, id) ON DELETE CASCADE
  CREATE INDEX refresh_token_session ON auth.refresh_token USING btree (tenant_id, session_id)
  POLICY tenant TO beaver_auth
  GRANT DELETE, INSERT, SELECT, UPDATE TO beaver_auth

TABLE restored  (NO ROW-LEVEL SECURITY)
  epoch uuid NOT NULL
  taken_at timestamp with time zone NOT NULL
  restored_at timestamp with time zone NOT NULL DEFAULT clock_timestamp()
  CONSTRAINT restored_pkey PRIMARY KEY (epoch)
  GRANT SELECT TO beaver_auth
  GRANT SELECT TO beaver_auth_worker

TABLE role  (row-level security forced)
  tenant_id uuid NOT NULL DEFAULT (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid
  id uuid NOT NULL
  name text NOT NULL
  built_in text
  permissions text[] NOT NULL
  reference text
  metadata jsonb NOT NULL DEFAULT '{}'::jsonb
  created_at timestamp with time zone NOT NULL DEFAULT now()
  updated_at timestamp with time zone NOT NULL DEFAULT now()
  version integer NOT NULL DEFAULT 1
  CONSTRAINT role_built_in_check CHECK ((built_in = ANY (ARRAY['owner'::text, 'manager'::text, 'cashier'::text, 'stock'::text, 'accountant'::text, 'viewer'::text])))
  CONSTRAINT role_pkey PRIMARY KEY (tenant_id, id)
  CREATE UNIQUE INDEX role_built_in ON auth.role USING btree (tenant_id, built_in)
  CREATE UNIQUE INDEX role_name ON auth.role USING btree (tenant_id, lower(name))
  CREATE UNIQUE INDEX role_reference ON auth.role USING btree (tenant_id, reference)
  POLICY tenant TO beaver_auth
  GRANT DELETE, INSERT, SELECT, UPDATE TO beaver_auth

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
  CREATE INDEX saga_due ON auth.saga USING btree (lease_until) WHERE (status = ANY (ARRAY['running'::text, 'compensating'::text]))
  CREATE INDEX saga_ended ON auth.saga USING btree (updated_at) WHERE (status = ANY (ARRAY['completed'::text, 'compensated'::text]))
  CREATE INDEX saga_stuck ON auth.saga USING btree (kind) WHERE (status = 'stuck'::text)
  POLICY tenant TO beaver_auth
  POLICY worker TO beaver_auth_worker
  GRANT DELETE, INSERT, SELECT, UPDATE TO beaver_auth
  GRANT DELETE, SELECT TO beaver_auth_worker

TABLE schema_migration  (NO ROW-LEVEL SECURITY)
  name text NOT NULL
  applied_at timestamp with time zone NOT NULL DEFAULT now()
  CONSTRAINT schema_migration_pkey PRIMARY KEY (name)
  GRANT SELECT TO beaver_auth
  GRANT SELECT TO beaver_auth_worker

TABLE session  (row-level security forced)
  tenant_id uuid NOT NULL DEFAULT (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid
  id uuid NOT NULL
  user_id uuid NOT NULL
  created_at timestamp with time zone NOT NULL DEFAULT now()
  refreshed_at timestamp with time zone NOT NULL DEFAULT now()
  expires_at timestamp with time zone NOT NULL
  ended_at timestamp with time zone
  end_reason text
  CONSTRAINT session_check CHECK (((ended_at IS NULL) = (end_reason IS NULL)))
  CONSTRAINT session_end_reason_check CHECK ((end_reason = ANY (ARRAY['logout'::text, 'reuse'::text, 'password'::text, 'removed'::text])))
  CONSTRAINT session_pkey PRIMARY KEY (tenant_id, id)
  CONSTRAINT session_tenant_id_user_id_fkey FOREIGN KEY (tenant_id, user_id) REFERENCES auth.users(tenant_id, id) ON DELETE CASCADE
  CREATE INDEX session_age ON auth.session USING btree (expires_at)
  CREATE INDEX session_of_user ON auth.session USING btree (tenant_id, user_id) WHERE (ended_at IS NULL)
  POLICY tenant TO beaver_auth
  POLICY worker TO beaver_auth_worker
  GRANT DELETE, INSERT, SELECT, UPDATE TO beaver_auth
  GRANT DELETE, SELECT TO beaver_auth_worker

TABLE signup  (row-level security forced)
  tenant_id uuid NOT NULL DEFAULT (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid
  user_id uuid NOT NULL
  request_hash text NOT NULL
  created_at timestamp with time zone NOT NULL DEFAULT now()
  CONSTRAINT signup_pkey PRIMARY KEY (tenant_id)
  CONSTRAINT signup_tenant_id_user_id_fkey FOREIGN KEY (tenant_id, user_id) REFERENCES auth.users(tenant_id, id)
  POLICY tenant TO beaver_auth
  GRANT DELETE, INSERT, SELECT, UPDATE TO beaver_auth

TABLE user_role  (row-level security forced)
  tenant_id uuid NOT NULL DEFAULT (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid
  user_id uuid NOT NULL
  role_id uuid NOT NULL
  CONSTRAINT user_role_pkey PRIMARY KEY (tenant_id, user_id, role_id)
  CONSTRAINT user_role_tenant_id_role_id_fkey FOREIGN KEY (tenant_id, role_id) REFERENCES auth.role(tenant_id, id)
  CONSTRAINT user_role_tenant_id_user_id_fkey FOREIGN KEY (tenant_id, user_id) REFERENCES auth.users(tenant_id, id) ON DELETE CASCADE
  CREATE INDEX user_role_role ON auth.user_role USING btree (tenant_id, role_id)
  POLICY tenant TO beaver_auth
  GRANT DELETE, INSERT, SELECT, UPDATE TO beaver_auth

TABLE users  (row-level security forced)
  tenant_id uuid NOT NULL DEFAULT (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid
  id uuid NOT NULL
  name text NOT NULL
  email text NOT NULL
  email_key text NOT NULL
  password_hash text NOT NULL
  store_ids uuid[] NOT NULL DEFAULT '{}'::uuid[]
  reference text
  metadata jsonb NOT NULL DEFAULT '{}'::jsonb
  activated_at timestamp with time zone
  archived_at timestamp with time zone
  created_at timestamp with time zone NOT NULL DEFAULT now()
  updated_at timestamp with time zone NOT NULL DEFAULT now()
  version integer NOT NULL DEFAULT 1
  CONSTRAINT users_pkey PRIMARY KEY (tenant_id, id)
  CREATE INDEX users_login ON auth.users USING btree (email_key) WHERE (archived_at IS NULL)
  CREATE UNIQUE INDEX users_email ON auth.users USING btree (tenant_id, email_key) WHERE (archived_at IS NULL)
  CREATE UNIQUE INDEX users_reference ON auth.users USING btree (tenant_id, reference)
  POLICY tenant TO beaver_auth
  POLICY worker TO beaver_auth_worker
  GRANT DELETE, INSERT, SELECT, UPDATE TO beaver_auth

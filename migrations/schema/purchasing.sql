-- Schema purchasing: written by `npm run schema` from a database that the migrations made. Do not edit.

TABLE dead_letter  (row-level security forced)
  tenant_id uuid NOT NULL DEFAULT (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid
  event_id uuid NOT NULL
  type text NOT NULL
  event json NOT NULL
  reason text NOT NULL
  attempts integer NOT NULL
  failed_at timestamp with time zone NOT NULL DEFAULT now()
  CONSTRAINT dead_letter_pkey PRIMARY KEY (tenant_id, event_id)
  POLICY tenant TO beaver_purchasing
  POLICY worker TO beaver_purchasing_worker
  GRANT DELETE, INSERT, SELECT, UPDATE TO beaver_purchasing
  GRANT DELETE, SELECT, UPDATE TO beaver_purchasing_worker

TABLE document_number  (row-level security forced)
  tenant_id uuid NOT NULL DEFAULT (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid
  store_id uuid NOT NULL
  kind text NOT NULL
  last integer NOT NULL
  CONSTRAINT document_number_pkey PRIMARY KEY (tenant_id, store_id, kind)
  POLICY tenant TO beaver_purchasing
  GRANT INSERT, SELECT, UPDATE TO beaver_purchasing

TABLE goods_receipt  (row-level security forced)
  tenant_id uuid NOT NULL DEFAULT (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid
  id uuid NOT NULL
  number text NOT NULL
  purchase_order_id uuid NOT NULL
  store_id uuid NOT NULL
  currency text NOT NULL
  status text NOT NULL DEFAULT 'pending'::text
  request_hash text NOT NULL
  landed_costs json NOT NULL
  discrepancies json NOT NULL
  total_minor bigint NOT NULL
  received_at timestamp with time zone NOT NULL
  posted_at timestamp with time zone
  reference text
  metadata jsonb NOT NULL DEFAULT '{}'::jsonb
  created_at timestamp with time zone NOT NULL DEFAULT now()
  updated_at timestamp with time zone NOT NULL DEFAULT now()
  version integer NOT NULL DEFAULT 1
  CONSTRAINT goods_receipt_number_key UNIQUE (tenant_id, store_id, number)
  CONSTRAINT goods_receipt_pkey PRIMARY KEY (tenant_id, id)
  CONSTRAINT goods_receipt_reference_key UNIQUE (tenant_id, reference)
  CONSTRAINT goods_receipt_status_check CHECK ((status = ANY (ARRAY['pending'::text, 'posted'::text, 'refused'::text])))
  CONSTRAINT goods_receipt_tenant_id_purchase_order_id_fkey FOREIGN KEY (tenant_id, purchase_order_id) REFERENCES purchasing.purchase_order(tenant_id, id)
  CONSTRAINT goods_receipt_total_minor_check CHECK ((total_minor >= 0))
  CREATE INDEX goods_receipt_by_order ON purchasing.goods_receipt USING btree (tenant_id, purchase_order_id, id)
  CREATE UNIQUE INDEX goods_receipt_number_key ON purchasing.goods_receipt USING btree (tenant_id, store_id, number)
  CREATE UNIQUE INDEX goods_receipt_reference_key ON purchasing.goods_receipt USING btree (tenant_id, reference)
  POLICY tenant TO beaver_purchasing
  GRANT INSERT, SELECT, UPDATE TO beaver_purchasing

TABLE goods_receipt_line  (row-level security forced)
  tenant_id uuid NOT NULL DEFAULT (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid
  goods_receipt_id uuid NOT NULL
  position integer NOT NULL
  purchase_order_line_id uuid NOT NULL
  variant_id uuid NOT NULL
  quantity bigint NOT NULL
  unit_cost_minor bigint NOT NULL
  goods_minor bigint NOT NULL
  landed_minor bigint NOT NULL
  CONSTRAINT goods_receipt_line_goods_minor_check CHECK ((goods_minor >= 0))
  CONSTRAINT goods_receipt_line_landed_minor_check CHECK ((landed_minor >= 0))
  CONSTRAINT goods_receipt_line_pkey PRIMARY KEY (tenant_id, goods_receipt_id, "position")
  CONSTRAINT goods_receipt_line_quantity_check CHECK ((quantity > 0))
  CONSTRAINT goods_receipt_line_tenant_id_goods_receipt_id_fkey FOREIGN KEY (tenant_id, goods_receipt_id) REFERENCES purchasing.goods_receipt(tenant_id, id)
  CONSTRAINT goods_receipt_line_tenant_id_purchase_order_line_id_fkey FOREIGN KEY (tenant_id, purchase_order_line_id) REFERENCES purchasing.purchase_order_line(tenant_id, id)
  CONSTRAINT goods_receipt_line_unit_cost_minor_check CHECK ((unit_cost_minor >= 0))
  POLICY tenant TO beaver_purchasing
  GRANT INSERT, SELECT TO beaver_purchasing

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
  CREATE INDEX idempotency_key_age ON purchasing.idempotency_key USING btree (created_at)
  POLICY tenant TO beaver_purchasing
  POLICY worker TO beaver_purchasing_worker
  GRANT DELETE, INSERT, SELECT, UPDATE TO beaver_purchasing
  GRANT DELETE, SELECT TO beaver_purchasing_worker

TABLE inbox  (row-level security forced)
  tenant_id uuid NOT NULL DEFAULT (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid
  event_id uuid NOT NULL
  applied_at timestamp with time zone NOT NULL DEFAULT now()
  CONSTRAINT inbox_pkey PRIMARY KEY (tenant_id, event_id)
  CREATE INDEX inbox_age ON purchasing.inbox USING btree (applied_at)
  POLICY tenant TO beaver_purchasing
  POLICY worker TO beaver_purchasing_worker
  GRANT INSERT, SELECT TO beaver_purchasing
  GRANT DELETE, SELECT TO beaver_purchasing_worker

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
  CREATE INDEX outbox_history ON purchasing.outbox USING btree (tenant_id, published_at, seq) WHERE (published_at IS NOT NULL)
  CREATE INDEX outbox_published ON purchasing.outbox USING btree (published_at) WHERE (published_at IS NOT NULL)
  CREATE INDEX outbox_waiting ON purchasing.outbox USING btree (seq) WHERE (published_at IS NULL)
  CREATE UNIQUE INDEX outbox_tenant_id_id_key ON purchasing.outbox USING btree (tenant_id, id)
  POLICY tenant TO beaver_purchasing
  POLICY worker TO beaver_purchasing_worker
  GRANT INSERT, SELECT TO beaver_purchasing
  GRANT DELETE, SELECT, UPDATE TO beaver_purchasing_worker

TABLE purchase_order  (row-level security forced)
  tenant_id uuid NOT NULL DEFAULT (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid
  id uuid NOT NULL
  number text NOT NULL
  status text NOT NULL
  supplier_id uuid NOT NULL
  store_id uuid NOT NULL
  currency text NOT NULL
  total_minor bigint NOT NULL
  expected_at timestamp with time zone
  notes text
  sent_at timestamp with time zone
  closed_at timestamp with time zone
  cancelled_at timestamp with time zone
  reference text
  metadata jsonb NOT NULL DEFAULT '{}'::jsonb
  created_at timestamp with time zone NOT NULL DEFAULT now()
  updated_at timestamp with time zone NOT NULL DEFAULT now()
  version integer NOT NULL DEFAULT 1
  CONSTRAINT purchase_order_currency_check CHECK ((currency ~ '^[A-Z]{3}$'::text))
  CONSTRAINT purchase_order_number_key UNIQUE (tenant_id, store_id, number)
  CONSTRAINT purchase_order_pkey PRIMARY KEY (tenant_id, id)
  CONSTRAINT purchase_order_reference_key UNIQUE (tenant_id, reference)
  CONSTRAINT purchase_order_status_check CHECK ((status = ANY (ARRAY['draft'::text, 'sent'::text, 'partiallyReceived'::text, 'received'::text, 'closed'::text, 'cancelled'::text])))
  CONSTRAINT purchase_order_tenant_id_supplier_id_fkey FOREIGN KEY (tenant_id, supplier_id) REFERENCES purchasing.supplier(tenant_id, id)
  CONSTRAINT purchase_order_total_minor_check CHECK ((total_minor >= 0))
  CREATE INDEX purchase_order_by_store ON purchasing.purchase_order USING btree (tenant_id, store_id, id)
  CREATE INDEX purchase_order_by_supplier ON purchasing.purchase_order USING btree (tenant_id, supplier_id, id)
  CREATE UNIQUE INDEX purchase_order_number_key ON purchasing.purchase_order USING btree (tenant_id, store_id, number)
  CREATE UNIQUE INDEX purchase_order_reference_key ON purchasing.purchase_order USING btree (tenant_id, reference)
  POLICY tenant TO beaver_purchasing
  GRANT INSERT, SELECT, UPDATE TO beaver_purchasing

TABLE purchase_order_line  (row-level security forced)
  tenant_id uuid NOT NULL DEFAULT (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid
  id uuid NOT NULL
  purchase_order_id uuid NOT NULL
  position integer NOT NULL
  variant_id uuid NOT NULL
  sku text NOT NULL
  name text NOT NULL
  quantity bigint NOT NULL
  unit_cost_minor bigint NOT NULL
  total_minor bigint NOT NULL
  received bigint NOT NULL DEFAULT 0
  CONSTRAINT purchase_order_line_pkey PRIMARY KEY (tenant_id, id)
  CONSTRAINT purchase_order_line_quantity_check CHECK ((quantity > 0))
  CONSTRAINT purchase_order_line_tenant_id_purchase_order_id_fkey FOREIGN KEY (tenant_id, purchase_order_id) REFERENCES purchasing.purchase_order(tenant_id, id)
  CONSTRAINT purchase_order_line_tenant_id_purchase_order_id_position_key UNIQUE (tenant_id, purchase_order_id, "position")
  CONSTRAINT purchase_order_line_total_minor_check CHECK ((total_minor >= 0))
  CONSTRAINT purchase_order_line_unit_cost_minor_check CHECK ((unit_cost_minor >= 0))
  CONSTRAINT received_never_exceeds_ordered CHECK (((received >= 0) AND (received <= quantity)))
  CREATE UNIQUE INDEX purchase_order_line_tenant_id_purchase_order_id_position_key ON purchasing.purchase_order_line USING btree (tenant_id, purchase_order_id, "position")
  POLICY tenant TO beaver_purchasing
  GRANT INSERT, SELECT, UPDATE TO beaver_purchasing

TABLE restored  (NO ROW-LEVEL SECURITY)
  epoch uuid NOT NULL
  taken_at timestamp with time zone NOT NULL
  restored_at timestamp with time zone NOT NULL DEFAULT clock_timestamp()
  CONSTRAINT restored_pkey PRIMARY KEY (epoch)
  GRANT SELECT TO beaver_purchasing
  GRANT SELECT TO beaver_purchasing_worker

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
  CREATE INDEX saga_due ON purchasing.saga USING btree (lease_until) WHERE (status = ANY (ARRAY['running'::text, 'compensating'::text]))
  CREATE INDEX saga_ended ON purchasing.saga USING btree (updated_at) WHERE (status = ANY (ARRAY['completed'::text, 'compensated'::text]))
  CREATE INDEX saga_stuck ON purchasing.saga USING btree (kind) WHERE (status = 'stuck'::text)
  POLICY tenant TO beaver_purchasing
  POLICY worker TO beaver_purchasing_worker
  GRANT DELETE, INSERT, SELECT, UPDATE TO beaver_purchasing
  GRANT DELETE, SELECT TO beaver_purchasing_worker

TABLE schema_migration  (NO ROW-LEVEL SECURITY)
  name text NOT NULL
  applied_at timestamp with time zone NOT NULL DEFAULT now()
  CONSTRAINT schema_migration_pkey PRIMARY KEY (name)
  GRANT SELECT TO beaver_purchasing
  GRANT SELECT TO beaver_purchasing_worker

TABLE supplier  (row-level security forced)
  tenant_id uuid NOT NULL DEFAULT (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid
  id uuid NOT NULL
  name text NOT NULL
  email text
  currency text
  lead_time_days integer
  payment_terms text
  reference text
  metadata jsonb NOT NULL DEFAULT '{}'::jsonb
  created_at timestamp with time zone NOT NULL DEFAULT now()
  updated_at timestamp with time zone NOT NULL DEFAULT now()
  version integer NOT NULL DEFAULT 1
  archived_at timestamp with time zone
  CONSTRAINT supplier_currency_check CHECK ((currency ~ '^[A-Z]{3}$'::text))
  CONSTRAINT supplier_lead_time_days_check CHECK ((lead_time_days >= 0))
  CONSTRAINT supplier_pkey PRIMARY KEY (tenant_id, id)
  CONSTRAINT supplier_reference_key UNIQUE (tenant_id, reference)
  CREATE INDEX supplier_by_name ON purchasing.supplier USING btree (tenant_id, name, id)
  CREATE UNIQUE INDEX supplier_reference_key ON purchasing.supplier USING btree (tenant_id, reference)
  POLICY tenant TO beaver_purchasing
  GRANT INSERT, SELECT, UPDATE TO beaver_purchasing

-- Schema order: written by `npm run schema` from a database that the migrations made. Do not edit.

TABLE customer  (row-level security forced)
  tenant_id uuid NOT NULL DEFAULT (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid
  id uuid NOT NULL
  name text NOT NULL
  email text
  phone text
  tax_number text
  address jsonb
  group_id uuid
  reference text
  metadata jsonb NOT NULL DEFAULT '{}'::jsonb
  created_at timestamp with time zone NOT NULL DEFAULT now()
  updated_at timestamp with time zone NOT NULL DEFAULT now()
  version integer NOT NULL DEFAULT 1
  archived_at timestamp with time zone
  CONSTRAINT customer_pkey PRIMARY KEY (tenant_id, id)
  CONSTRAINT customer_reference_key UNIQUE (tenant_id, reference)
  CREATE UNIQUE INDEX customer_reference_key ON "order".customer USING btree (tenant_id, reference)
  POLICY tenant TO beaver_order
  GRANT DELETE, INSERT, SELECT, UPDATE TO beaver_order

TABLE dead_letter  (row-level security forced)
  tenant_id uuid NOT NULL DEFAULT (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid
  event_id uuid NOT NULL
  type text NOT NULL
  event json NOT NULL
  reason text NOT NULL
  attempts integer NOT NULL
  failed_at timestamp with time zone NOT NULL DEFAULT now()
  CONSTRAINT dead_letter_pkey PRIMARY KEY (tenant_id, event_id)
  POLICY tenant TO beaver_order
  POLICY worker TO beaver_order_worker
  GRANT DELETE, INSERT, SELECT, UPDATE TO beaver_order
  GRANT DELETE, SELECT, UPDATE TO beaver_order_worker

TABLE document_counter  (row-level security forced)
  tenant_id uuid NOT NULL DEFAULT (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid
  store_id uuid NOT NULL
  kind text NOT NULL
  last bigint NOT NULL
  CONSTRAINT document_counter_kind_check CHECK ((kind = ANY (ARRAY['sale'::text, 'return'::text])))
  CONSTRAINT document_counter_pkey PRIMARY KEY (tenant_id, store_id, kind)
  POLICY tenant TO beaver_order
  GRANT INSERT, SELECT, UPDATE TO beaver_order

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
  CREATE INDEX idempotency_key_age ON "order".idempotency_key USING btree (created_at)
  POLICY tenant TO beaver_order
  POLICY worker TO beaver_order_worker
  GRANT DELETE, INSERT, SELECT, UPDATE TO beaver_order
  GRANT DELETE, SELECT TO beaver_order_worker

TABLE imported_customer  (row-level security forced)
  tenant_id uuid NOT NULL DEFAULT (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid
  digest text NOT NULL
  CONSTRAINT imported_customer_pkey PRIMARY KEY (tenant_id, digest)
  POLICY tenant TO beaver_order
  GRANT INSERT, SELECT TO beaver_order

TABLE imported_document  (row-level security forced)
  tenant_id uuid NOT NULL DEFAULT (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid
  store_id uuid NOT NULL
  number text NOT NULL
  import_key text NOT NULL
  CONSTRAINT imported_document_pkey PRIMARY KEY (tenant_id, store_id, number)
  POLICY tenant TO beaver_order
  GRANT INSERT, SELECT TO beaver_order

TABLE inbox  (row-level security forced)
  tenant_id uuid NOT NULL DEFAULT (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid
  event_id uuid NOT NULL
  applied_at timestamp with time zone NOT NULL DEFAULT now()
  CONSTRAINT inbox_pkey PRIMARY KEY (tenant_id, event_id)
  CREATE INDEX inbox_age ON "order".inbox USING btree (applied_at)
  POLICY tenant TO beaver_order
  POLICY worker TO beaver_order_worker
  GRANT INSERT, SELECT TO beaver_order
  GRANT DELETE, SELECT TO beaver_order_worker

TABLE order_line  (row-level security forced)
  tenant_id uuid NOT NULL DEFAULT (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid
  order_id uuid NOT NULL
  id uuid NOT NULL
  position integer NOT NULL
  variant_id uuid NOT NULL
  product_id uuid NOT NULL
  category_id uuid
  category_name text
  sku text NOT NULL
  name text NOT NULL
  quantity_thousandths bigint NOT NULL
  unit_price_minor bigint NOT NULL
  gross_minor bigint NOT NULL
  discount_minor bigint NOT NULL
  tax_minor bigint NOT NULL
  net_minor bigint NOT NULL
  total_minor bigint NOT NULL
  cost_minor bigint NOT NULL
  taxes json NOT NULL DEFAULT '[]'::json
  returned_thousandths bigint NOT NULL DEFAULT 0
  CONSTRAINT never_more_returned_than_sold CHECK (((returned_thousandths >= 0) AND (returned_thousandths <= quantity_thousandths)))
  CONSTRAINT order_line_check CHECK ((total_minor = (net_minor + tax_minor)))
  CONSTRAINT order_line_pkey PRIMARY KEY (tenant_id, order_id, id)
  POLICY tenant TO beaver_order
  GRANT INSERT, SELECT, UPDATE TO beaver_order

TABLE order_reference  (row-level security forced)
  tenant_id uuid NOT NULL DEFAULT (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid
  reference text NOT NULL
  order_id uuid NOT NULL
  CONSTRAINT order_reference_pkey PRIMARY KEY (tenant_id, reference)
  POLICY tenant TO beaver_order
  GRANT DELETE, INSERT, SELECT TO beaver_order

TABLE order_refund  (row-level security forced)
  tenant_id uuid NOT NULL DEFAULT (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid
  refund_id uuid NOT NULL
  payment_id uuid NOT NULL
  order_id uuid NOT NULL
  amount_minor bigint NOT NULL
  reason text
  at timestamp with time zone NOT NULL
  is_booked boolean NOT NULL DEFAULT false
  CONSTRAINT order_refund_amount_minor_check CHECK ((amount_minor > 0))
  CONSTRAINT order_refund_pkey PRIMARY KEY (tenant_id, refund_id, payment_id)
  CREATE INDEX order_refund_of_order ON "order".order_refund USING btree (tenant_id, order_id)
  CREATE INDEX order_refund_waiting ON "order".order_refund USING btree (at) WHERE (NOT is_booked)
  POLICY tenant TO beaver_order
  POLICY worker TO beaver_order_worker
  GRANT INSERT, SELECT, UPDATE TO beaver_order
  GRANT SELECT TO beaver_order_worker

TABLE order_return  (row-level security forced)
  tenant_id uuid NOT NULL DEFAULT (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid
  id uuid NOT NULL
  order_id uuid
  kind text NOT NULL
  status text NOT NULL DEFAULT 'made'::text
  number text
  store_id uuid NOT NULL
  currency text NOT NULL
  total_minor bigint NOT NULL
  rounding_minor bigint NOT NULL DEFAULT 0
  business_day date NOT NULL
  at timestamp with time zone NOT NULL
  document json
  imported boolean NOT NULL DEFAULT false
  CONSTRAINT order_return_check CHECK (((status = 'pending'::text) OR (number IS NOT NULL)))
  CONSTRAINT order_return_kind_check CHECK ((kind = ANY (ARRAY['return'::text, 'cancellation'::text])))
  CONSTRAINT order_return_number_key UNIQUE (tenant_id, store_id, imported, number)
  CONSTRAINT order_return_pkey PRIMARY KEY (tenant_id, id)
  CONSTRAINT order_return_status_check CHECK ((status = ANY (ARRAY['pending'::text, 'made'::text])))
  CONSTRAINT order_return_tenant_id_order_id_fkey FOREIGN KEY (tenant_id, order_id) REFERENCES "order".orders(tenant_id, id)
  CREATE INDEX order_return_of_order ON "order".order_return USING btree (tenant_id, order_id, at)
  CREATE UNIQUE INDEX order_return_number_key ON "order".order_return USING btree (tenant_id, store_id, imported, number)
  POLICY tenant TO beaver_order
  GRANT DELETE, INSERT, SELECT, UPDATE TO beaver_order

TABLE order_return_line  (row-level security forced)
  tenant_id uuid NOT NULL DEFAULT (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid
  return_id uuid NOT NULL
  position integer NOT NULL
  line_id uuid NOT NULL
  variant_id uuid NOT NULL
  quantity_thousandths bigint NOT NULL
  gross_minor bigint NOT NULL
  discount_minor bigint NOT NULL
  tax_minor bigint NOT NULL
  net_minor bigint NOT NULL
  total_minor bigint NOT NULL
  cost_minor bigint NOT NULL
  taxes json NOT NULL DEFAULT '[]'::json
  restock boolean NOT NULL
  CONSTRAINT order_return_line_check CHECK ((total_minor = (net_minor + tax_minor)))
  CONSTRAINT order_return_line_pkey PRIMARY KEY (tenant_id, return_id, "position")
  CONSTRAINT order_return_line_quantity_thousandths_check CHECK ((quantity_thousandths > 0))
  CONSTRAINT order_return_line_tenant_id_return_id_fkey FOREIGN KEY (tenant_id, return_id) REFERENCES "order".order_return(tenant_id, id) ON DELETE CASCADE
  POLICY tenant TO beaver_order
  GRANT DELETE, INSERT, SELECT, UPDATE TO beaver_order

TABLE order_tender  (row-level security forced)
  tenant_id uuid NOT NULL DEFAULT (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid
  order_id uuid NOT NULL
  id uuid NOT NULL
  method text NOT NULL
  amount_minor bigint NOT NULL
  tendered_minor bigint
  change_minor bigint
  CONSTRAINT order_tender_amount_minor_check CHECK ((amount_minor >= 0))
  CONSTRAINT order_tender_pkey PRIMARY KEY (tenant_id, order_id, id)
  POLICY tenant TO beaver_order
  GRANT INSERT, SELECT TO beaver_order

TABLE orders  (row-level security forced)
  tenant_id uuid NOT NULL DEFAULT (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid
  id uuid NOT NULL
  number text NOT NULL
  store_id uuid NOT NULL
  customer_id uuid
  status text NOT NULL
  currency text NOT NULL
  total_minor bigint NOT NULL
  rounding_minor bigint NOT NULL DEFAULT 0
  refunded_minor bigint NOT NULL DEFAULT 0
  placed_at timestamp with time zone NOT NULL
  business_day date NOT NULL
  context json NOT NULL
  document json NOT NULL
  request_hash text
  imported boolean NOT NULL DEFAULT false
  version integer NOT NULL DEFAULT 1
  CONSTRAINT orders_number_key UNIQUE (tenant_id, store_id, imported, number)
  CONSTRAINT orders_pkey PRIMARY KEY (tenant_id, id)
  CONSTRAINT orders_refunded_minor_check CHECK ((refunded_minor >= 0))
  CONSTRAINT orders_status_check CHECK ((status = ANY (ARRAY['paid'::text, 'cancelled'::text, 'partiallyRefunded'::text, 'refunded'::text])))
  CONSTRAINT orders_tenant_id_customer_id_fkey FOREIGN KEY (tenant_id, customer_id) REFERENCES "order".customer(tenant_id, id)
  CREATE INDEX orders_of_customer ON "order".orders USING btree (tenant_id, customer_id, placed_at) WHERE (customer_id IS NOT NULL)
  CREATE INDEX orders_placed ON "order".orders USING btree (tenant_id, placed_at, id)
  CREATE UNIQUE INDEX orders_number_key ON "order".orders USING btree (tenant_id, store_id, imported, number)
  POLICY tenant TO beaver_order
  GRANT INSERT, SELECT, UPDATE TO beaver_order

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
  CREATE INDEX outbox_history ON "order".outbox USING btree (tenant_id, published_at, seq) WHERE (published_at IS NOT NULL)
  CREATE INDEX outbox_published ON "order".outbox USING btree (published_at) WHERE (published_at IS NOT NULL)
  CREATE INDEX outbox_waiting ON "order".outbox USING btree (seq) WHERE (published_at IS NULL)
  CREATE UNIQUE INDEX outbox_tenant_id_id_key ON "order".outbox USING btree (tenant_id, id)
  POLICY tenant TO beaver_order
  POLICY worker TO beaver_order_worker
  GRANT INSERT, SELECT TO beaver_order
  GRANT DELETE, SELECT, UPDATE TO beaver_order_worker

TABLE restored  (NO ROW-LEVEL SECURITY)
  epoch uuid NOT NULL
  taken_at timestamp with time zone NOT NULL
  restored_at timestamp with time zone NOT NULL DEFAULT clock_timestamp()
  CONSTRAINT restored_pkey PRIMARY KEY (epoch)
  GRANT SELECT TO beaver_order
  GRANT SELECT TO beaver_order_worker

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
  CREATE INDEX saga_due ON "order".saga USING btree (lease_until) WHERE (status = ANY (ARRAY['running'::text, 'compensating'::text]))
  CREATE INDEX saga_ended ON "order".saga USING btree (updated_at) WHERE (status = ANY (ARRAY['completed'::text, 'compensated'::text]))
  CREATE INDEX saga_stuck ON "order".saga USING btree (kind) WHERE (status = 'stuck'::text)
  POLICY tenant TO beaver_order
  POLICY worker TO beaver_order_worker
  GRANT DELETE, INSERT, SELECT, UPDATE TO beaver_order
  GRANT DELETE, SELECT TO beaver_order_worker

TABLE schema_migration  (NO ROW-LEVEL SECURITY)
  name text NOT NULL
  applied_at timestamp with time zone NOT NULL DEFAULT now()
  CONSTRAINT schema_migration_pkey PRIMARY KEY (name)
  GRANT SELECT TO beaver_order
  GRANT SELECT TO beaver_order_worker

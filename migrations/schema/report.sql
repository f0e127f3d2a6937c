-- Schema report: written by `npm run schema` from a database that the migrations made. Do not edit.

TABLE dead_letter  (row-level security forced)
  tenant_id uuid NOT NULL DEFAULT (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid
  event_id uuid NOT NULL
  type text NOT NULL
  event json NOT NULL
  reason text NOT NULL
  attempts integer NOT NULL
  failed_at timestamp with time zone NOT NULL DEFAULT now()
  CONSTRAINT dead_letter_pkey PRIMARY KEY (tenant_id, event_id)
  POLICY tenant TO beaver_report
  POLICY worker TO beaver_report_worker
  GRANT DELETE, INSERT, SELECT, UPDATE TO beaver_report
  GRANT DELETE, SELECT, UPDATE TO beaver_report_worker

TABLE dim_category  (row-level security forced)
  tenant_id uuid NOT NULL DEFAULT (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid
  id uuid NOT NULL
  name text NOT NULL
  parent_id uuid
  CONSTRAINT dim_category_pkey PRIMARY KEY (tenant_id, id)
  POLICY tenant TO beaver_report
  GRANT INSERT, SELECT, UPDATE TO beaver_report

TABLE dim_register  (row-level security forced)
  tenant_id uuid NOT NULL DEFAULT (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid
  id uuid NOT NULL
  store_id uuid NOT NULL
  name text NOT NULL
  CONSTRAINT dim_register_pkey PRIMARY KEY (tenant_id, id)
  POLICY tenant TO beaver_report
  GRANT INSERT, SELECT, UPDATE TO beaver_report

TABLE dim_store  (row-level security forced)
  tenant_id uuid NOT NULL DEFAULT (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid
  id uuid NOT NULL
  code text NOT NULL
  name text NOT NULL
  timezone text NOT NULL
  currency text NOT NULL
  CONSTRAINT dim_store_pkey PRIMARY KEY (tenant_id, id)
  POLICY tenant TO beaver_report
  GRANT INSERT, SELECT, UPDATE TO beaver_report

TABLE dim_variant  (row-level security forced)
  tenant_id uuid NOT NULL DEFAULT (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid
  id uuid NOT NULL
  product_id uuid NOT NULL
  product_name text NOT NULL
  sku text NOT NULL
  name text NOT NULL
  category_id uuid
  category_name text
  currency text NOT NULL
  CONSTRAINT dim_variant_pkey PRIMARY KEY (tenant_id, id)
  CREATE INDEX dim_variant_product ON report.dim_variant USING btree (tenant_id, product_id)
  POLICY tenant TO beaver_report
  GRANT INSERT, SELECT, UPDATE TO beaver_report

TABLE fact_document  (row-level security forced)
  tenant_id uuid NOT NULL DEFAULT (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid
  id uuid NOT NULL
  order_id uuid
  kind text NOT NULL
  number text NOT NULL
  store_id uuid NOT NULL
  currency text NOT NULL
  business_day date NOT NULL
  at timestamp with time zone NOT NULL
  imported boolean NOT NULL
  rounding_minor bigint NOT NULL
  total_minor bigint NOT NULL
  CONSTRAINT fact_document_kind_check CHECK ((kind = ANY (ARRAY['sale'::text, 'return'::text, 'cancellation'::text])))
  CONSTRAINT fact_document_pkey PRIMARY KEY (tenant_id, id)
  CREATE INDEX fact_document_order ON report.fact_document USING btree (tenant_id, order_id) WHERE ((kind = 'sale'::text) AND (NOT imported))
  POLICY tenant TO beaver_report
  GRANT INSERT, SELECT TO beaver_report

TABLE fact_payment  (row-level security forced)
  tenant_id uuid NOT NULL DEFAULT (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid
  business_day date NOT NULL
  id uuid NOT NULL
  direction text NOT NULL
  order_id uuid NOT NULL
  payment_id uuid NOT NULL
  store_id uuid NOT NULL
  register_id uuid
  method text NOT NULL
  provider text NOT NULL
  currency text NOT NULL
  amount_minor bigint NOT NULL
  at timestamp with time zone NOT NULL
  CONSTRAINT fact_payment_amount_minor_check CHECK ((amount_minor >= 0))
  CONSTRAINT fact_payment_direction_check CHECK ((direction = ANY (ARRAY['captured'::text, 'refunded'::text])))
  CONSTRAINT fact_payment_pkey PRIMARY KEY (tenant_id, business_day, id, direction, payment_id)
  POLICY tenant TO beaver_report
  GRANT INSERT, SELECT TO beaver_report

TABLE fact_sale_line  (row-level security forced, 116 partitions)
  tenant_id uuid NOT NULL DEFAULT (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid
  business_day date NOT NULL
  document_id uuid NOT NULL
  line_no integer NOT NULL
  hour smallint NOT NULL
  sign smallint NOT NULL
  kind text NOT NULL
  store_id uuid NOT NULL
  register_id uuid
  employee_id uuid
  channel text NOT NULL
  customer_id uuid
  customer_name text
  country text
  currency text NOT NULL
  product_id uuid NOT NULL
  variant_id uuid NOT NULL
  sku text NOT NULL
  name text NOT NULL
  category_id uuid
  category_name text
  quantity_thousandths bigint NOT NULL
  gross_minor bigint NOT NULL
  discount_minor bigint NOT NULL
  tax_minor bigint NOT NULL
  net_minor bigint NOT NULL
  total_minor bigint NOT NULL
  cost_minor bigint NOT NULL
  CONSTRAINT fact_sale_line_hour_check CHECK (((hour >= 0) AND (hour <= 23)))
  CONSTRAINT fact_sale_line_pkey PRIMARY KEY (tenant_id, business_day, document_id, line_no)
  CONSTRAINT fact_sale_line_sign_check CHECK ((sign = ANY (ARRAY[1, '-1'::integer])))
  POLICY tenant TO beaver_report
  GRANT INSERT, SELECT TO beaver_report

TABLE fact_stock  (row-level security forced)
  tenant_id uuid NOT NULL DEFAULT (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid
  id uuid NOT NULL
  at timestamp with time zone NOT NULL
  store_id uuid NOT NULL
  variant_id uuid NOT NULL
  kind text NOT NULL
  document_type text NOT NULL
  document_id uuid NOT NULL
  currency text NOT NULL
  quantity_thousandths bigint NOT NULL
  value_minor bigint NOT NULL
  CONSTRAINT fact_stock_pkey PRIMARY KEY (tenant_id, id)
  CREATE INDEX fact_stock_time ON report.fact_stock USING btree (tenant_id, at)
  POLICY tenant TO beaver_report
  GRANT INSERT, SELECT TO beaver_report

TABLE fact_tax  (row-level security forced)
  tenant_id uuid NOT NULL DEFAULT (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid
  business_day date NOT NULL
  document_id uuid NOT NULL
  name text NOT NULL
  rate_ppm bigint NOT NULL
  sign smallint NOT NULL
  store_id uuid NOT NULL
  currency text NOT NULL
  base_minor bigint NOT NULL
  tax_minor bigint NOT NULL
  CONSTRAINT fact_tax_pkey PRIMARY KEY (tenant_id, business_day, document_id, name, rate_ppm, sign)
  CONSTRAINT fact_tax_sign_check CHECK ((sign = ANY (ARRAY[1, '-1'::integer])))
  POLICY tenant TO beaver_report
  GRANT INSERT, SELECT TO beaver_report

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
  CREATE INDEX idempotency_key_age ON report.idempotency_key USING btree (created_at)
  POLICY tenant TO beaver_report
  POLICY worker TO beaver_report_worker
  GRANT DELETE, INSERT, SELECT, UPDATE TO beaver_report
  GRANT DELETE, SELECT TO beaver_report_worker

TABLE inbox  (row-level security forced)
  tenant_id uuid NOT NULL DEFAULT (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid
  event_id uuid NOT NULL
  applied_at timestamp with time zone NOT NULL DEFAULT now()
  CONSTRAINT inbox_pkey PRIMARY KEY (tenant_id, event_id)
  CREATE INDEX inbox_age ON report.inbox USING btree (applied_at)
  POLICY tenant TO beaver_report
  POLICY worker TO beaver_report_worker
  GRANT INSERT, SELECT TO beaver_report
  GRANT DELETE, SELECT TO beaver_report_worker

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
  CREATE INDEX outbox_history ON report.outbox USING btree (tenant_id, published_at, seq) WHERE (published_at IS NOT NULL)
  CREATE INDEX outbox_published ON report.outbox USING btree (published_at) WHERE (published_at IS NOT NULL)
  CREATE INDEX outbox_waiting ON report.outbox USING btree (seq) WHERE (published_at IS NULL)
  CREATE UNIQUE INDEX outbox_tenant_id_id_key ON report.outbox USING btree (tenant_id, id)
  POLICY tenant TO beaver_report
  POLICY worker TO beaver_report_worker
  GRANT INSERT, SELECT TO beaver_report
  GRANT DELETE, SELECT, UPDATE TO beaver_report_worker

TABLE projection_state  (row-level security forced)
  tenant_id uuid NOT NULL DEFAULT (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid
  source text NOT NULL
  last_event_id uuid NOT NULL
  last_event_time timestamp with time zone NOT NULL
  CONSTRAINT projection_state_pkey PRIMARY KEY (tenant_id, source)
  POLICY tenant TO beaver_report
  GRANT INSERT, SELECT, UPDATE TO beaver_report

TABLE restored  (NO ROW-LEVEL SECURITY)
  epoch uuid NOT NULL
  taken_at timestamp with time zone NOT NULL
  restored_at timestamp with time zone NOT NULL DEFAULT clock_timestamp()
  CONSTRAINT restored_pkey PRIMARY KEY (epoch)
  GRANT SELECT TO beaver_report
  GRANT SELECT TO beaver_report_worker

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
  CREATE INDEX saga_due ON report.saga USING btree (lease_until) WHERE (status = ANY (ARRAY['running'::text, 'compensating'::text]))
  CREATE INDEX saga_ended ON report.saga USING btree (updated_at) WHERE (status = ANY (ARRAY['completed'::text, 'compensated'::text]))
  CREATE INDEX saga_stuck ON report.saga USING btree (kind) WHERE (status = 'stuck'::text)
  POLICY tenant TO beaver_report
  POLICY worker TO beaver_report_worker
  GRANT DELETE, INSERT, SELECT, UPDATE TO beaver_report
  GRANT DELETE, SELECT TO beaver_report_worker

TABLE schema_migration  (NO ROW-LEVEL SECURITY)
  name text NOT NULL
  applied_at timestamp with time zone NOT NULL DEFAULT now()
  CONSTRAINT schema_migration_pkey PRIMARY KEY (name)
  GRANT SELECT TO beaver_report
  GRANT SELECT TO beaver_report_worker

TABLE stock_position  (row-level security forced)
  tenant_id uuid NOT NULL DEFAULT (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid
  store_id uuid NOT NULL
  variant_id uuid NOT NULL
  currency text NOT NULL
  quantity_thousandths bigint NOT NULL
  value_minor bigint NOT NULL
  CONSTRAINT stock_position_pkey PRIMARY KEY (tenant_id, store_id, variant_id, currency)
  POLICY tenant TO beaver_report
  GRANT INSERT, SELECT, UPDATE TO beaver_report

FUNCTION add_sale_line_partition(first_day date, next_day date) RETURNS void  md5 35351d20083247555b4dab5a92080cef

-- Schema catalog: written by `npm run schema` from a database that the migrations made. Do not edit.

TABLE category  (row-level security forced)
  tenant_id uuid NOT NULL DEFAULT (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid
  id uuid NOT NULL
  name text NOT NULL
  parent_id uuid
  reference text
  metadata jsonb NOT NULL DEFAULT '{}'::jsonb
  archived_at timestamp with time zone
  created_at timestamp with time zone NOT NULL DEFAULT now()
  updated_at timestamp with time zone NOT NULL DEFAULT now()
  version integer NOT NULL DEFAULT 1
  CONSTRAINT category_check CHECK ((parent_id <> id))
  CONSTRAINT category_pkey PRIMARY KEY (tenant_id, id)
  CONSTRAINT category_reference_key UNIQUE (tenant_id, reference)
  CONSTRAINT category_tenant_id_parent_id_fkey FOREIGN KEY (tenant_id, parent_id) REFERENCES catalog.category(tenant_id, id)
  CREATE INDEX category_name ON catalog.category USING btree (tenant_id, lower(name))
  CREATE INDEX category_parent ON catalog.category USING btree (tenant_id, parent_id)
  CREATE UNIQUE INDEX category_reference_key ON catalog.category USING btree (tenant_id, reference)
  POLICY tenant TO beaver_catalog
  GRANT DELETE, INSERT, SELECT, UPDATE TO beaver_catalog

TABLE dead_letter  (row-level security forced)
  tenant_id uuid NOT NULL DEFAULT (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid
  event_id uuid NOT NULL
  type text NOT NULL
  event json NOT NULL
  reason text NOT NULL
  attempts integer NOT NULL
  failed_at timestamp with time zone NOT NULL DEFAULT now()
  CONSTRAINT dead_letter_pkey PRIMARY KEY (tenant_id, event_id)
  POLICY tenant TO beaver_catalog
  POLICY worker TO beaver_catalog_worker
  GRANT DELETE, INSERT, SELECT, UPDATE TO beaver_catalog
  GRANT DELETE, SELECT, UPDATE TO beaver_catalog_worker

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
  CREATE INDEX idempotency_key_age ON catalog.idempotency_key USING btree (created_at)
  POLICY tenant TO beaver_catalog
  POLICY worker TO beaver_catalog_worker
  GRANT DELETE, INSERT, SELECT, UPDATE TO beaver_catalog
  GRANT DELETE, SELECT TO beaver_catalog_worker

TABLE imported_stock  (row-level security forced)
  tenant_id uuid NOT NULL DEFAULT (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid
  import_key text NOT NULL
  sku text NOT NULL
  CONSTRAINT imported_stock_pkey PRIMARY KEY (tenant_id, import_key, sku)
  POLICY tenant TO beaver_catalog
  GRANT INSERT, SELECT TO beaver_catalog

TABLE inbox  (row-level security forced)
  tenant_id uuid NOT NULL DEFAULT (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid
  event_id uuid NOT NULL
  applied_at timestamp with time zone NOT NULL DEFAULT now()
  CONSTRAINT inbox_pkey PRIMARY KEY (tenant_id, event_id)
  CREATE INDEX inbox_age ON catalog.inbox USING btree (applied_at)
  POLICY tenant TO beaver_catalog
  POLICY worker TO beaver_catalog_worker
  GRANT INSERT, SELECT TO beaver_catalog
  GRANT DELETE, SELECT TO beaver_catalog_worker

TABLE incoming_ended  (row-level security forced)
  tenant_id uuid NOT NULL DEFAULT (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid
  purchase_order_id uuid NOT NULL
  at timestamp with time zone NOT NULL
  CONSTRAINT incoming_ended_pkey PRIMARY KEY (tenant_id, purchase_order_id)
  POLICY tenant TO beaver_catalog
  GRANT INSERT, SELECT TO beaver_catalog

TABLE incoming_movement  (row-level security forced)
  tenant_id uuid NOT NULL DEFAULT (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid
  purchase_order_id uuid NOT NULL
  line_id uuid NOT NULL
  kind text NOT NULL
  source uuid NOT NULL
  store_id uuid NOT NULL
  variant_id uuid NOT NULL
  quantity bigint NOT NULL
  at timestamp with time zone NOT NULL
  CONSTRAINT incoming_movement_kind_check CHECK ((kind = ANY (ARRAY['ordered'::text, 'received'::text, 'ended'::text])))
  CONSTRAINT incoming_movement_pkey PRIMARY KEY (tenant_id, purchase_order_id, line_id, kind, source)
  CONSTRAINT incoming_movement_quantity_check CHECK ((quantity <> 0))
  CREATE INDEX incoming_movement_variant ON catalog.incoming_movement USING btree (tenant_id, variant_id, at)
  POLICY tenant TO beaver_catalog
  GRANT INSERT, SELECT TO beaver_catalog

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
  CREATE INDEX outbox_history ON catalog.outbox USING btree (tenant_id, published_at, seq) WHERE (published_at IS NOT NULL)
  CREATE INDEX outbox_published ON catalog.outbox USING btree (published_at) WHERE (published_at IS NOT NULL)
  CREATE INDEX outbox_waiting ON catalog.outbox USING btree (seq) WHERE (published_at IS NULL)
  CREATE UNIQUE INDEX outbox_tenant_id_id_key ON catalog.outbox USING btree (tenant_id, id)
  POLICY tenant TO beaver_catalog
  POLICY worker TO beaver_catalog_worker
  GRANT INSERT, SELECT TO beaver_catalog
  GRANT DELETE, SELECT, UPDATE TO beaver_catalog_worker

TABLE product  (row-level security forced)
  tenant_id uuid NOT NULL DEFAULT (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid
  id uuid NOT NULL
  name text NOT NULL
  description text
  category_id uuid
  tax_rate_id uuid
  options jsonb NOT NULL DEFAULT '[]'::jsonb
  reference text
  metadata jsonb NOT NULL DEFAULT '{}'::jsonb
  document json
  archived_at timestamp with time zone
  created_at timestamp with time zone NOT NULL DEFAULT now()
  updated_at timestamp with time zone NOT NULL DEFAULT now()
  version integer NOT NULL DEFAULT 1
  CONSTRAINT product_pkey PRIMARY KEY (tenant_id, id)
  CONSTRAINT product_reference_key UNIQUE (tenant_id, reference)
  CONSTRAINT product_tenant_id_category_id_fkey FOREIGN KEY (tenant_id, category_id) REFERENCES catalog.category(tenant_id, id)
  CONSTRAINT product_tenant_id_tax_rate_id_fkey FOREIGN KEY (tenant_id, tax_rate_id) REFERENCES catalog.tax_rate(tenant_id, id)
  CREATE INDEX product_category ON catalog.product USING btree (tenant_id, category_id, id)
  CREATE INDEX product_listed ON catalog.product USING btree (tenant_id, id) WHERE (archived_at IS NULL)
  CREATE INDEX product_tax_rate ON catalog.product USING btree (tenant_id, tax_rate_id)
  CREATE INDEX product_updated ON catalog.product USING btree (tenant_id, updated_at, id)
  CREATE UNIQUE INDEX product_reference_key ON catalog.product USING btree (tenant_id, reference)
  POLICY tenant TO beaver_catalog
  GRANT DELETE, INSERT, SELECT, UPDATE TO beaver_catalog

TABLE product_word  (row-level security forced)
  tenant_id uuid NOT NULL DEFAULT (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid
  word text NOT NULL
  product_id uuid NOT NULL
  weight smallint NOT NULL
  CONSTRAINT product_word_pkey PRIMARY KEY (tenant_id, word, product_id)
  CONSTRAINT product_word_tenant_id_product_id_fkey FOREIGN KEY (tenant_id, product_id) REFERENCES catalog.product(tenant_id, id)
  CREATE INDEX product_word_product ON catalog.product_word USING btree (tenant_id, product_id)
  POLICY tenant TO beaver_catalog
  GRANT DELETE, INSERT, SELECT, UPDATE TO beaver_catalog

TABLE reservation  (row-level security forced)
  tenant_id uuid NOT NULL DEFAULT (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid
  order_id uuid NOT NULL
  store_id uuid
  status text NOT NULL
  lines json NOT NULL
  created_at timestamp with time zone NOT NULL DEFAULT now()
  ended_at timestamp with time zone
  CONSTRAINT reservation_check CHECK (((status = 'reserved'::text) = (ended_at IS NULL)))
  CONSTRAINT reservation_pkey PRIMARY KEY (tenant_id, order_id)
  CONSTRAINT reservation_status_check CHECK ((status = ANY (ARRAY['reserved'::text, 'committed'::text, 'released'::text])))
  CREATE INDEX reservation_open ON catalog.reservation USING btree (tenant_id, order_id) WHERE (status = 'reserved'::text)
  POLICY tenant TO beaver_catalog
  GRANT DELETE, INSERT, SELECT, UPDATE TO beaver_catalog

TABLE restored  (NO ROW-LEVEL SECURITY)
  epoch uuid NOT NULL
  taken_at timestamp with time zone NOT NULL
  restored_at timestamp with time zone NOT NULL DEFAULT clock_timestamp()
  CONSTRAINT restored_pkey PRIMARY KEY (epoch)
  GRANT SELECT TO beaver_catalog
  GRANT SELECT TO beaver_catalog_worker

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
  CREATE INDEX saga_due ON catalog.saga USING btree (lease_until) WHERE (status = ANY (ARRAY['running'::text, 'compensating'::text]))
  CREATE INDEX saga_ended ON catalog.saga USING btree (updated_at) WHERE (status = ANY (ARRAY['completed'::text, 'compensated'::text]))
  CREATE INDEX saga_stuck ON catalog.saga USING btree (kind) WHERE (status = 'stuck'::text)
  POLICY tenant TO beaver_catalog
  POLICY worker TO beaver_catalog_worker
  GRANT DELETE, INSERT, SELECT, UPDATE TO beaver_catalog
  GRANT DELETE, SELECT TO beaver_catalog_worker

TABLE schema_migration  (NO ROW-LEVEL SECURITY)
  name text NOT NULL
  applied_at timestamp with time zone NOT NULL DEFAULT now()
  CONSTRAINT schema_migration_pkey PRIMARY KEY (name)
  GRANT SELECT TO beaver_catalog
  GRANT SELECT TO beaver_catalog_worker

TABLE stock_document  (row-level security forced)
  tenant_id uuid NOT NULL DEFAULT (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid
  type text NOT NULL
  id uuid NOT NULL
  store_id uuid NOT NULL
  reason text
  lines json NOT NULL
  request_hash text
  reference text
  metadata jsonb NOT NULL DEFAULT '{}'::jsonb
  created_at timestamp with time zone NOT NULL DEFAULT now()
  CONSTRAINT stock_document_pkey PRIMARY KEY (tenant_id, type, id)
  CONSTRAINT stock_document_reference_key UNIQUE (tenant_id, type, reference)
  CREATE UNIQUE INDEX stock_document_reference_key ON catalog.stock_document USING btree (tenant_id, type, reference)
  POLICY tenant TO beaver_catalog
  GRANT INSERT, SELECT TO beaver_catalog

TABLE stock_incoming  (row-level security forced)
  tenant_id uuid NOT NULL DEFAULT (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid
  store_id uuid NOT NULL
  variant_id uuid NOT NULL
  quantity bigint NOT NULL
  CONSTRAINT stock_incoming_pkey PRIMARY KEY (tenant_id, store_id, variant_id)
  CREATE INDEX stock_incoming_open ON catalog.stock_incoming USING btree (tenant_id, store_id, variant_id) WHERE (quantity <> 0)
  POLICY tenant TO beaver_catalog
  GRANT INSERT, SELECT, UPDATE TO beaver_catalog

TABLE stock_level  (row-level security forced)
  tenant_id uuid NOT NULL DEFAULT (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid
  store_id uuid NOT NULL
  variant_id uuid NOT NULL
  on_hand bigint NOT NULL DEFAULT 0
  reserved bigint NOT NULL DEFAULT 0
  value_minor bigint NOT NULL DEFAULT 0
  CONSTRAINT no_value_without_goods CHECK (((on_hand <> 0) OR (value_minor = 0)))
  CONSTRAINT stock_level_pkey PRIMARY KEY (tenant_id, store_id, variant_id)
  CONSTRAINT stock_level_reserved_check CHECK ((reserved >= 0))
  CONSTRAINT stock_level_tenant_id_variant_id_fkey FOREIGN KEY (tenant_id, variant_id) REFERENCES catalog.variant(tenant_id, id)
  CREATE INDEX stock_level_variant ON catalog.stock_level USING btree (tenant_id, variant_id)
  POLICY tenant TO beaver_catalog
  GRANT DELETE, INSERT, SELECT, UPDATE TO beaver_catalog

TABLE stock_movement  (row-level security forced)
  tenant_id uuid NOT NULL DEFAULT (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid
  id uuid NOT NULL
  store_id uuid NOT NULL
  variant_id uuid NOT NULL
  quantity bigint NOT NULL
  value_minor bigint NOT NULL
  cost_of_sales_minor bigint NOT NULL DEFAULT 0
  kind text NOT NULL
  document_type text NOT NULL
  document_id uuid NOT NULL
  at timestamp with time zone NOT NULL DEFAULT now()
  CONSTRAINT stock_movement_pkey PRIMARY KEY (tenant_id, id)
  CONSTRAINT stock_movement_quantity_check CHECK ((quantity <> 0))
  CREATE INDEX stock_movement_variant ON catalog.stock_movement USING btree (tenant_id, variant_id, id)
  POLICY tenant TO beaver_catalog
  GRANT INSERT, SELECT TO beaver_catalog

TABLE tax_rate  (row-level security forced)
  tenant_id uuid NOT NULL DEFAULT (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid
  id uuid NOT NULL
  name text NOT NULL
  is_plain boolean NOT NULL
  components jsonb NOT NULL
  reference text
  metadata jsonb NOT NULL DEFAULT '{}'::jsonb
  archived_at timestamp with time zone
  created_at timestamp with time zone NOT NULL DEFAULT now()
  updated_at timestamp with time zone NOT NULL DEFAULT now()
  version integer NOT NULL DEFAULT 1
  CONSTRAINT tax_rate_components_check CHECK ((jsonb_array_length(components) > 0))
  CONSTRAINT tax_rate_pkey PRIMARY KEY (tenant_id, id)
  CONSTRAINT tax_rate_reference_key UNIQUE (tenant_id, reference)
  CREATE INDEX tax_rate_name ON catalog.tax_rate USING btree (tenant_id, lower(name))
  CREATE UNIQUE INDEX tax_rate_reference_key ON catalog.tax_rate USING btree (tenant_id, reference)
  POLICY tenant TO beaver_catalog
  GRANT DELETE, INSERT, SELECT, UPDATE TO beaver_catalog

TABLE variant  (row-level security forced)
  tenant_id uuid NOT NULL DEFAULT (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid
  id uuid NOT NULL
  product_id uuid NOT NULL
  position integer NOT NULL
  sku text NOT NULL
  name text
  barcode text
  barcode_key text
  price_minor bigint NOT NULL
  cost_minor bigint
  currency character(3) NOT NULL
  unit text NOT NULL DEFAULT 'piece'::text
  options jsonb NOT NULL DEFAULT '{}'::jsonb
  track_stock boolean NOT NULL DEFAULT true
  allow_negative boolean NOT NULL DEFAULT false
  reorder_point bigint
  archived_at timestamp with time zone
  created_at timestamp with time zone NOT NULL DEFAULT now()
  updated_at timestamp with time zone NOT NULL DEFAULT now()
  version integer NOT NULL DEFAULT 1
  CONSTRAINT variant_check CHECK (((barcode IS NULL) = (barcode_key IS NULL)))
  CONSTRAINT variant_cost_minor_check CHECK ((cost_minor >= 0))
  CONSTRAINT variant_pkey PRIMARY KEY (tenant_id, id)
  CONSTRAINT variant_price_minor_check CHECK ((price_minor >= 0))
  CONSTRAINT variant_reorder_point_check CHECK ((reorder_point >= 0))
  CONSTRAINT variant_tenant_id_product_id_fkey FOREIGN KEY (tenant_id, product_id) REFERENCES catalog.product(tenant_id, id)
  CREATE INDEX variant_barcode_key ON catalog.variant USING btree (tenant_id, barcode_key)
  CREATE INDEX variant_product ON catalog.variant USING btree (tenant_id, product_id, "position")
  CREATE UNIQUE INDEX variant_barcode_unique ON catalog.variant USING btree (tenant_id, barcode) WHERE (archived_at IS NULL)
  CREATE UNIQUE INDEX variant_sku_key ON catalog.variant USING btree (tenant_id, sku) WHERE (archived_at IS NULL)
  POLICY tenant TO beaver_catalog
  GRANT DELETE, INSERT, SELECT, UPDATE TO beaver_catalog

FUNCTION commit_stock(the_order uuid) RETURNS json  md5 27c15cb54b9dbbcedf749e3db0fcb8e3
FUNCTION display_name(product text, variant text) RETURNS text  md5 1d3875f032d952a57a930b28a0644715
FUNCTION event_time() RETURNS text  md5 37e0c776c418ca25e4fe490f07e66d65
FUNCTION issue_cost(on_hand bigint, value_minor bigint, quantity bigint, own_cost bigint) RETURNS bigint  md5 3dfc60b054db27afc9435f15ba9c5786
FUNCTION lock_levels(the_store uuid, variants uuid[], make_all boolean) RETURNS void  md5 5fb1afe2e37ebb3e8a412b00b690e8e0
FUNCTION new_id() RETURNS uuid  md5 8664157077e0c89bff19b0e54de36cd6
FUNCTION post_stock(the_kind text, doc_type text, doc_id uuid, the_store uuid, booked_at timestamp with time zone, variants uuid[], quantities bigint[], amounts bigint[]) RETURNS json  md5 5cdf5db32e0891afe092e6ac0785d443
FUNCTION release_stock(the_order uuid) RETURNS text  md5 980c3cc610e611487c2068873d94d567
FUNCTION reservation_of(the_order uuid) RETURNS json  md5 18b8534308bc81533d1f9ca54483fcb8
FUNCTION reserve_stock(the_order uuid, the_store uuid, variants uuid[], quantities bigint[]) RETURNS json  md5 162fd1a6ace93e30b794c6ccd84df643
FUNCTION share(amount bigint, part bigint, whole bigint) RETURNS bigint  md5 fcfb0f935953e07a2fff68e0e239a55b
FUNCTION sold_movement(movement_id uuid, variant_id uuid, quantity bigint, value bigint, at text) RETURNS json  md5 cf56dc5890dc562ac4641e0aa8f0f898
FUNCTION stock_low(the_store uuid, variant_id uuid, sku text, name text, available bigint, reorder_point bigint) RETURNS json  md5 2e5528519eaee1767d11c2c544d6dc4a
FUNCTION stock_sold(the_order uuid, the_store uuid, currency text, movements json) RETURNS json  md5 5f924d60390f5d9baa24b69450123527
FUNCTION take_stock(the_order uuid, the_store uuid, variants uuid[], quantities bigint[]) RETURNS json  md5 2fa07c2a86d1ec9651ab72964c695550
FUNCTION take_stocks(asked json) RETURNS TABLE(n integer, answer json)  md5 e707fdd1f3ae843d95489c5053be5b23
FUNCTION tell_taken(the_order uuid, the_store uuid, answer json, the_traceparent text, the_request text, the_actor text) RETURNS void  md5 16997632567262eb12d38b422a86caf7

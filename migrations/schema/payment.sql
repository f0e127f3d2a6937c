-- Schema payment: written by `npm run schema` from a database that the migrations made. Do not edit.

TABLE dead_letter  (row-level security forced)
  tenant_id uuid NOT NULL DEFAULT (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid
  event_id uuid NOT NULL
  type text NOT NULL
  event json NOT NULL
  reason text NOT NULL
  attempts integer NOT NULL
  failed_at timestamp with time zone NOT NULL DEFAULT now()
  CONSTRAINT dead_letter_pkey PRIMARY KEY (tenant_id, event_id)
  POLICY tenant TO beaver_payment
  POLICY worker TO beaver_payment_worker
  GRANT DELETE, INSERT, SELECT, UPDATE TO beaver_payment
  GRANT DELETE, SELECT, UPDATE TO beaver_payment_worker

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
  CREATE INDEX idempotency_key_age ON payment.idempotency_key USING btree (created_at)
  POLICY tenant TO beaver_payment
  POLICY worker TO beaver_payment_worker
  GRANT DELETE, INSERT, SELECT, UPDATE TO beaver_payment
  GRANT DELETE, SELECT TO beaver_payment_worker

TABLE inbox  (row-level security forced)
  tenant_id uuid NOT NULL DEFAULT (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid
  event_id uuid NOT NULL
  applied_at timestamp with time zone NOT NULL DEFAULT now()
  CONSTRAINT inbox_pkey PRIMARY KEY (tenant_id, event_id)
  CREATE INDEX inbox_age ON payment.inbox USING btree (applied_at)
  POLICY tenant TO beaver_payment
  POLICY worker TO beaver_payment_worker
  GRANT INSERT, SELECT TO beaver_payment
  GRANT DELETE, SELECT TO beaver_payment_worker

TABLE ledger_entry  (row-level security forced)
  tenant_id uuid NOT NULL DEFAULT (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid
  transaction_id uuid NOT NULL
  line smallint NOT NULL
  account smallint NOT NULL
  currency text NOT NULL
  amount_minor bigint NOT NULL
  payment_id uuid
  at timestamp(3) with time zone NOT NULL
  CONSTRAINT ledger_entry_account_check CHECK ((account = ANY (ARRAY[1000, 1100, 1150, 2200, 4000, 4900])))
  CONSTRAINT ledger_entry_amount_minor_check CHECK ((amount_minor <> 0))
  CONSTRAINT ledger_entry_pkey PRIMARY KEY (tenant_id, transaction_id, line)
  CONSTRAINT ledger_entry_tenant_id_transaction_id_fkey FOREIGN KEY (tenant_id, transaction_id) REFERENCES payment.ledger_transaction(tenant_id, id)
  CREATE INDEX ledger_entry_at ON payment.ledger_entry USING btree (tenant_id, at, transaction_id, line)
  CREATE INDEX ledger_entry_of_account ON payment.ledger_entry USING btree (tenant_id, account, at)
  POLICY tenant TO beaver_payment
  GRANT INSERT, SELECT TO beaver_payment
  TRIGGER CREATE TRIGGER entries_sum_to_zero AFTER INSERT ON payment.ledger_entry REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION payment.entries_sum_to_zero()

TABLE ledger_transaction  (row-level security forced)
  tenant_id uuid NOT NULL DEFAULT (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid
  id uuid NOT NULL
  kind text NOT NULL
  order_id uuid NOT NULL
  store_id uuid NOT NULL
  business_day date NOT NULL
  at timestamp(3) with time zone NOT NULL
  posted_at timestamp with time zone NOT NULL DEFAULT now()
  CONSTRAINT ledger_transaction_kind_check CHECK ((kind = ANY (ARRAY['sale'::text, 'refund'::text])))
  CONSTRAINT ledger_transaction_pkey PRIMARY KEY (tenant_id, id)
  CREATE INDEX ledger_after_sale ON payment.ledger_transaction USING btree (tenant_id, order_id) WHERE (kind <> 'sale'::text)
  POLICY tenant TO beaver_payment
  GRANT INSERT, SELECT TO beaver_payment

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
  CREATE INDEX outbox_history ON payment.outbox USING btree (tenant_id, published_at, seq) WHERE (published_at IS NOT NULL)
  CREATE INDEX outbox_published ON payment.outbox USING btree (published_at) WHERE (published_at IS NOT NULL)
  CREATE INDEX outbox_waiting ON payment.outbox USING btree (seq) WHERE (published_at IS NULL)
  CREATE UNIQUE INDEX outbox_tenant_id_id_key ON payment.outbox USING btree (tenant_id, id)
  POLICY tenant TO beaver_payment
  POLICY worker TO beaver_payment_worker
  GRANT INSERT, SELECT TO beaver_payment
  GRANT DELETE, SELECT, UPDATE TO beaver_payment_worker

TABLE payment  (row-level security forced)
  tenant_id uuid NOT NULL DEFAULT (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid
  id uuid NOT NULL
  order_id uuid NOT NULL
  no smallint NOT NULL
  method text NOT NULL
  provider text NOT NULL
  status text NOT NULL
  currency text NOT NULL
  amount_minor bigint NOT NULL
  tendered_minor bigint
  change_minor bigint
  rounding_minor bigint NOT NULL DEFAULT 0
  refunded_minor bigint NOT NULL DEFAULT 0
  refund_rounding_minor bigint NOT NULL DEFAULT 0
  provider_ref text
  card_brand text
  card_last4 text
  reason text
  captured_at timestamp with time zone
  created_at timestamp with time zone NOT NULL DEFAULT now()
  updated_at timestamp with time zone NOT NULL DEFAULT now()
  version integer NOT NULL DEFAULT 1
  CONSTRAINT payment_amount_minor_check CHECK ((amount_minor >= 0))
  CONSTRAINT payment_card_last4_check CHECK ((length(card_last4) = 4))
  CONSTRAINT payment_method_check CHECK ((method = ANY (ARRAY['cash'::text, 'card'::text, 'external'::text])))
  CONSTRAINT payment_pkey PRIMARY KEY (tenant_id, id)
  CONSTRAINT payment_status_check CHECK ((status = ANY (ARRAY['pending'::text, 'authorized'::text, 'captured'::text, 'partiallyRefunded'::text, 'refunded'::text, 'voided'::text, 'declined'::text])))
  CONSTRAINT payment_tenant_id_order_id_fkey FOREIGN KEY (tenant_id, order_id) REFERENCES payment.settlement(tenant_id, order_id)
  CONSTRAINT refund_never_exceeds_captured CHECK (((refunded_minor >= 0) AND (refunded_minor <= amount_minor)))
  CREATE INDEX payment_of_order ON payment.payment USING btree (tenant_id, order_id)
  POLICY tenant TO beaver_payment
  GRANT DELETE, INSERT, SELECT, UPDATE TO beaver_payment

TABLE provider_charge  (row-level security forced)
  tenant_id uuid NOT NULL DEFAULT (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid
  payment_id uuid NOT NULL
  status text NOT NULL
  behaviour text NOT NULL
  currency text
  amount_minor bigint NOT NULL
  captured_minor bigint NOT NULL DEFAULT 0
  refunded_minor bigint NOT NULL DEFAULT 0
  created_at timestamp with time zone NOT NULL DEFAULT now()
  CONSTRAINT provider_charge_behaviour_check CHECK ((behaviour = ANY (ARRAY['approved'::text, 'declined'::text, 'insufficient_funds'::text, 'capture_fails'::text, 'disputed'::text, 'none'::text])))
  CONSTRAINT provider_charge_check CHECK (((captured_minor <= amount_minor) AND ((refunded_minor >= 0) AND (refunded_minor <= captured_minor))))
  CONSTRAINT provider_charge_pkey PRIMARY KEY (tenant_id, payment_id)
  CONSTRAINT provider_charge_status_check CHECK ((status = ANY (ARRAY['authorized'::text, 'captured'::text, 'voided'::text, 'declined'::text])))
  POLICY tenant TO beaver_payment
  GRANT DELETE, INSERT, SELECT, UPDATE TO beaver_payment

TABLE provider_refund  (row-level security forced)
  tenant_id uuid NOT NULL DEFAULT (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid
  payment_id uuid NOT NULL
  refund_id uuid NOT NULL
  amount_minor bigint NOT NULL
  created_at timestamp with time zone NOT NULL DEFAULT now()
  CONSTRAINT provider_refund_amount_minor_check CHECK ((amount_minor > 0))
  CONSTRAINT provider_refund_pkey PRIMARY KEY (tenant_id, payment_id, refund_id)
  CONSTRAINT provider_refund_tenant_id_payment_id_fkey FOREIGN KEY (tenant_id, payment_id) REFERENCES payment.provider_charge(tenant_id, payment_id)
  POLICY tenant TO beaver_payment
  GRANT INSERT, SELECT TO beaver_payment

TABLE refund  (row-level security forced)
  tenant_id uuid NOT NULL DEFAULT (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid
  id uuid NOT NULL
  order_id uuid NOT NULL
  status text NOT NULL
  currency text NOT NULL
  due_minor bigint NOT NULL
  net_minor bigint NOT NULL
  tax_minor bigint NOT NULL
  amount_minor bigint NOT NULL
  rounding_minor bigint NOT NULL
  business_day date NOT NULL
  at timestamp(3) with time zone NOT NULL
  reason text NOT NULL
  refusal text
  reference text
  metadata json NOT NULL DEFAULT '{}'::json
  created_at timestamp with time zone NOT NULL DEFAULT now()
  updated_at timestamp with time zone NOT NULL DEFAULT now()
  version integer NOT NULL DEFAULT 1
  CONSTRAINT refund_check CHECK (((due_minor = (net_minor + tax_minor)) AND (amount_minor = (due_minor + rounding_minor))))
  CONSTRAINT refund_due_minor_check CHECK ((due_minor >= 0))
  CONSTRAINT refund_pkey PRIMARY KEY (tenant_id, id)
  CONSTRAINT refund_status_check CHECK ((status = ANY (ARRAY['pending'::text, 'made'::text, 'refused'::text])))
  CONSTRAINT refund_tenant_id_order_id_fkey FOREIGN KEY (tenant_id, order_id) REFERENCES payment.settlement(tenant_id, order_id)
  CONSTRAINT refund_tenant_id_reference_key UNIQUE (tenant_id, reference)
  CREATE INDEX refund_of_order ON payment.refund USING btree (tenant_id, order_id)
  CREATE UNIQUE INDEX refund_tenant_id_reference_key ON payment.refund USING btree (tenant_id, reference)
  POLICY tenant TO beaver_payment
  GRANT DELETE, INSERT, SELECT, UPDATE TO beaver_payment

TABLE refund_part  (row-level security forced)
  tenant_id uuid NOT NULL DEFAULT (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid
  refund_id uuid NOT NULL
  payment_id uuid NOT NULL
  method text NOT NULL
  amount_minor bigint NOT NULL
  rounding_minor bigint NOT NULL
  provider_ref text
  CONSTRAINT refund_part_amount_minor_check CHECK ((amount_minor >= 0))
  CONSTRAINT refund_part_method_check CHECK ((method = ANY (ARRAY['cash'::text, 'card'::text, 'external'::text])))
  CONSTRAINT refund_part_pkey PRIMARY KEY (tenant_id, refund_id, payment_id)
  CONSTRAINT refund_part_tenant_id_payment_id_fkey FOREIGN KEY (tenant_id, payment_id) REFERENCES payment.payment(tenant_id, id)
  CONSTRAINT refund_part_tenant_id_refund_id_fkey FOREIGN KEY (tenant_id, refund_id) REFERENCES payment.refund(tenant_id, id)
  CREATE INDEX refund_part_of_payment ON payment.refund_part USING btree (tenant_id, payment_id)
  POLICY tenant TO beaver_payment
  GRANT DELETE, INSERT, SELECT, UPDATE TO beaver_payment

TABLE restored  (NO ROW-LEVEL SECURITY)
  epoch uuid NOT NULL
  taken_at timestamp with time zone NOT NULL
  restored_at timestamp with time zone NOT NULL DEFAULT clock_timestamp()
  CONSTRAINT restored_pkey PRIMARY KEY (epoch)
  GRANT SELECT TO beaver_payment
  GRANT SELECT TO beaver_payment_worker

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
  CREATE INDEX saga_due ON payment.saga USING btree (lease_until) WHERE (status = ANY (ARRAY['running'::text, 'compensating'::text]))
  CREATE INDEX saga_ended ON payment.saga USING btree (updated_at) WHERE (status = ANY (ARRAY['completed'::text, 'compensated'::text]))
  CREATE INDEX saga_stuck ON payment.saga USING btree (kind) WHERE (status = 'stuck'::text)
  POLICY tenant TO beaver_payment
  POLICY worker TO beaver_payment_worker
  GRANT DELETE, INSERT, SELECT, UPDATE TO beaver_payment
  GRANT DELETE, SELECT TO beaver_payment_worker

TABLE schema_migration  (NO ROW-LEVEL SECURITY)
  name text NOT NULL
  applied_at timestamp with time zone NOT NULL DEFAULT now()
  CONSTRAINT schema_migration_pkey PRIMARY KEY (name)
  GRANT SELECT TO beaver_payment
  GRANT SELECT TO beaver_payment_worker

TABLE settlement  (row-level security forced)
  tenant_id uuid NOT NULL DEFAULT (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid
  order_id uuid NOT NULL
  status text NOT NULL
  store_id uuid
  register_id uuid
  currency text
  business_day date
  at timestamp(3) with time zone
  net_minor bigint NOT NULL DEFAULT 0
  tax_minor bigint NOT NULL DEFAULT 0
  rounding_minor bigint NOT NULL DEFAULT 0
  refunded_net_minor bigint NOT NULL DEFAULT 0
  refunded_tax_minor bigint NOT NULL DEFAULT 0
  reason text
  CONSTRAINT settlement_check CHECK (((status = 'voided'::text) OR ((store_id IS NOT NULL) AND (currency IS NOT NULL) AND (business_day IS NOT NULL) AND (at IS NOT NULL))))
  CONSTRAINT settlement_pkey PRIMARY KEY (tenant_id, order_id)
  CONSTRAINT settlement_status_check CHECK ((status = ANY (ARRAY['authorizing'::text, 'authorized'::text, 'captured'::text, 'declined'::text, 'voided'::text])))
  POLICY tenant TO beaver_payment
  GRANT DELETE, INSERT, SELECT, UPDATE TO beaver_payment

FUNCTION entries_sum_to_zero() RETURNS trigger  md5 aa669516a297ac55c23c279213271efe

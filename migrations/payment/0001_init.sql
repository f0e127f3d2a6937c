-- Money: what was paid, what went back, and the double-entry ledger of both.

-- One row per order: what the books need of the sale, and the row that is locked by whoever moves its money.
-- authorizing → authorized → captured; declined and voided end it. A voided row without a store is a tombstone:
-- the undo came before the deed, and the deed will be refused.
CREATE TABLE settlement (
  tenant_id uuid NOT NULL,
  order_id uuid NOT NULL,
  status text NOT NULL CHECK (status IN ('authorizing', 'authorized', 'captured', 'declined', 'voided')),
  store_id uuid,
  register_id uuid,
  currency text,
  business_day date,
  at timestamptz(3),
  net_minor bigint NOT NULL DEFAULT 0,
  tax_minor bigint NOT NULL DEFAULT 0,
  rounding_minor bigint NOT NULL DEFAULT 0,
  refunded_net_minor bigint NOT NULL DEFAULT 0,
  refunded_tax_minor bigint NOT NULL DEFAULT 0,
  reason text,
  PRIMARY KEY (tenant_id, order_id),
  CHECK (status = 'voided' OR (store_id IS NOT NULL AND currency IS NOT NULL AND business_day IS NOT NULL AND at IS NOT NULL))
);
SELECT platform.tenant_table('settlement');

CREATE TABLE payment (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  order_id uuid NOT NULL,
  no smallint NOT NULL,
  method text NOT NULL CHECK (method IN ('cash', 'card', 'external')),
  provider text NOT NULL,
  status text NOT NULL CHECK (status IN ('pending', 'authorized', 'captured', 'partiallyRefunded', 'refunded', 'voided', 'declined')),
  currency text NOT NULL,
  amount_minor bigint NOT NULL CHECK (amount_minor >= 0),
  tendered_minor bigint,
  change_minor bigint,
  rounding_minor bigint NOT NULL DEFAULT 0,
  refunded_minor bigint NOT NULL DEFAULT 0,
  refund_rounding_minor bigint NOT NULL DEFAULT 0,
  provider_ref text,
  card_brand text,
  card_last4 text CHECK (length(card_last4) = 4),
  reason text,
  captured_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  version int NOT NULL DEFAULT 1,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, order_id) REFERENCES settlement (tenant_id, order_id),
  CONSTRAINT refund_never_exceeds_captured CHECK (refunded_minor BETWEEN 0 AND amount_minor)
);
CREATE INDEX payment_of_order ON payment (tenant_id, order_id);
SELECT platform.tenant_table('payment');

-- A refund is written before a provider is asked ('pending': the money is set aside) and is 'made' when the books say so.
CREATE TABLE refund (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  order_id uuid NOT NULL,
  status text NOT NULL CHECK (status IN ('pending', 'made', 'refused')),
  currency text NOT NULL,
  due_minor bigint NOT NULL CHECK (due_minor >= 0),
  net_minor bigint NOT NULL,
  tax_minor bigint NOT NULL,
  amount_minor bigint NOT NULL,
  rounding_minor bigint NOT NULL,
  business_day date NOT NULL,
  at timestamptz(3) NOT NULL,
  reason text NOT NULL,
  refusal text,
  reference text,
  metadata json NOT NULL DEFAULT '{}',
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  version int NOT NULL DEFAULT 1,
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, reference),
  FOREIGN KEY (tenant_id, order_id) REFERENCES settlement (tenant_id, order_id),
  CHECK (due_minor = net_minor + tax_minor AND amount_minor = due_minor + rounding_minor)
);
CREATE INDEX refund_of_order ON refund (tenant_id, order_id);
SELECT platform.tenant_table('refund');

-- method is how the money leaves: cash for a card payment is possible, the other way round is not.
CREATE TABLE refund_part (
  tenant_id uuid NOT NULL,
  refund_id uuid NOT NULL,
  payment_id uuid NOT NULL,
  method text NOT NULL CHECK (method IN ('cash', 'card', 'external')),
  amount_minor bigint NOT NULL CHECK (amount_minor >= 0),
  rounding_minor bigint NOT NULL,
  provider_ref text,
  PRIMARY KEY (tenant_id, refund_id, payment_id),
  FOREIGN KEY (tenant_id, refund_id) REFERENCES refund (tenant_id, id),
  FOREIGN KEY (tenant_id, payment_id) REFERENCES payment (tenant_id, id)
);
CREATE INDEX refund_part_of_payment ON refund_part (tenant_id, payment_id);
SELECT platform.tenant_table('refund_part');

-- The id is that of the document: the order of a sale, the refund of a refund. So posting twice meets the primary key.
CREATE TABLE ledger_transaction (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  kind text NOT NULL CHECK (kind IN ('sale', 'refund')),
  order_id uuid NOT NULL,
  store_id uuid NOT NULL,
  business_day date NOT NULL,
  at timestamptz(3) NOT NULL,
  posted_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, id)
);
-- A sale is found by its own id; only what came after needs the way from the order.
CREATE INDEX ledger_after_sale ON ledger_transaction (tenant_id, order_id) WHERE kind <> 'sale';
SELECT platform.append_only('ledger_transaction');

-- Debit positive, credit negative. `at` is the transaction's, repeated here so that a balance at an instant reads one table.
-- Milliseconds, as the contract shows them: a page of entries goes on at the very instant where the page before ended.
CREATE TABLE ledger_entry (
  tenant_id uuid NOT NULL,
  transaction_id uuid NOT NULL,
  line smallint NOT NULL,
  account smallint NOT NULL CHECK (account IN (1000, 1100, 1150, 2200, 4000, 4900)),
  currency text NOT NULL,
  amount_minor bigint NOT NULL CHECK (amount_minor <> 0),
  payment_id uuid,
  at timestamptz(3) NOT NULL,
  PRIMARY KEY (tenant_id, transaction_id, line),
  FOREIGN KEY (tenant_id, transaction_id) REFERENCES ledger_transaction (tenant_id, id)
);
CREATE INDEX ledger_entry_at ON ledger_entry (tenant_id, at, transaction_id, line);
CREATE INDEX ledger_entry_of_account ON ledger_entry (tenant_id, account, at);
SELECT platform.append_only('ledger_entry');

-- What one statement writes must sum to zero per transaction and currency. Entries can only be added, and sums of zero add up
-- to zero: so this holds for the whole ledger, and costs one look at the rows just written instead of one per row at the commit.
CREATE FUNCTION entries_sum_to_zero() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM written GROUP BY tenant_id, transaction_id, currency HAVING sum(amount_minor) <> 0) THEN
    RAISE EXCEPTION 'the entries of a ledger transaction do not sum to zero' USING ERRCODE = 'check_violation', CONSTRAINT = 'entries_sum_to_zero';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER entries_sum_to_zero AFTER INSERT ON ledger_entry REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION entries_sum_to_zero();

-- The simulated provider's own memory. It is a remote system that happens to live here: nothing above refers to it,
-- and it is written in transactions of its own. Our payment id is its idempotency key.
CREATE TABLE provider_charge (
  tenant_id uuid NOT NULL,
  payment_id uuid NOT NULL,
  status text NOT NULL CHECK (status IN ('authorized', 'captured', 'voided', 'declined')),
  behaviour text NOT NULL CHECK (behaviour IN ('approved', 'declined', 'insufficient_funds', 'capture_fails', 'disputed', 'none')),
  currency text,
  amount_minor bigint NOT NULL,
  captured_minor bigint NOT NULL DEFAULT 0,
  refunded_minor bigint NOT NULL DEFAULT 0,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, payment_id),
  CHECK (captured_minor <= amount_minor AND refunded_minor BETWEEN 0 AND captured_minor)
);
SELECT platform.tenant_table('provider_charge');

CREATE TABLE provider_refund (
  tenant_id uuid NOT NULL,
  payment_id uuid NOT NULL,
  refund_id uuid NOT NULL,
  amount_minor bigint NOT NULL CHECK (amount_minor > 0),
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, payment_id, refund_id),
  FOREIGN KEY (tenant_id, payment_id) REFERENCES provider_charge (tenant_id, payment_id)
);
SELECT platform.append_only('provider_refund');

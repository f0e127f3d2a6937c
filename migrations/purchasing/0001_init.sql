-- Suppliers, purchase orders and goods receipts. Amounts in minor units, quantities in thousandths.

CREATE TABLE supplier (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  name text NOT NULL,
  email text,
  currency text CHECK (currency ~ '^[A-Z]{3}$'),
  lead_time_days int CHECK (lead_time_days >= 0),
  payment_terms text,
  reference text,
  metadata jsonb NOT NULL DEFAULT '{}',
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  version int NOT NULL DEFAULT 1,
  archived_at timestamptz,
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT supplier_reference_key UNIQUE (tenant_id, reference)
);
CREATE INDEX supplier_by_name ON supplier (tenant_id, name, id);
SELECT platform.tenant_table('supplier', 'INSERT, UPDATE');

-- The last number given per store and kind. Taken in the transaction of the document, so a number that was not used was not taken.
CREATE TABLE document_number (
  tenant_id uuid NOT NULL,
  store_id uuid NOT NULL,
  kind text NOT NULL,
  last int NOT NULL,
  PRIMARY KEY (tenant_id, store_id, kind)
);
SELECT platform.tenant_table('document_number', 'INSERT, UPDATE');

CREATE TABLE purchase_order (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  number text NOT NULL,
  status text NOT NULL CHECK (status IN ('draft', 'sent', 'partiallyReceived', 'received', 'closed', 'cancelled')),
  supplier_id uuid NOT NULL,
  store_id uuid NOT NULL,
  currency text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
  total_minor bigint NOT NULL CHECK (total_minor >= 0),
  expected_at timestamptz,
  notes text,
  sent_at timestamptz,
  closed_at timestamptz,
  cancelled_at timestamptz,
  reference text,
  metadata jsonb NOT NULL DEFAULT '{}',
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  version int NOT NULL DEFAULT 1,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, supplier_id) REFERENCES supplier (tenant_id, id),
  CONSTRAINT purchase_order_number_key UNIQUE (tenant_id, store_id, number),
  CONSTRAINT purchase_order_reference_key UNIQUE (tenant_id, reference)
);
CREATE INDEX purchase_order_by_supplier ON purchase_order (tenant_id, supplier_id, id);
CREATE INDEX purchase_order_by_store ON purchase_order (tenant_id, store_id, id);
SELECT platform.tenant_table('purchase_order', 'INSERT, UPDATE');

-- sku and name as they were when ordered. received counts what is booked in or on its way into the stock ledger.
CREATE TABLE purchase_order_line (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  purchase_order_id uuid NOT NULL,
  position int NOT NULL,
  variant_id uuid NOT NULL,
  sku text NOT NULL,
  name text NOT NULL,
  quantity bigint NOT NULL CHECK (quantity > 0),
  unit_cost_minor bigint NOT NULL CHECK (unit_cost_minor >= 0),
  total_minor bigint NOT NULL CHECK (total_minor >= 0),
  received bigint NOT NULL DEFAULT 0,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, purchase_order_id) REFERENCES purchase_order (tenant_id, id),
  CONSTRAINT received_never_exceeds_ordered CHECK (received BETWEEN 0 AND quantity),
  UNIQUE (tenant_id, purchase_order_id, position)
);
SELECT platform.tenant_table('purchase_order_line', 'INSERT, UPDATE');

-- pending: accepted, catalog not heard yet. posted: in the stock ledger. refused: catalog would not take it, nothing happened.
CREATE TABLE goods_receipt (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  number text NOT NULL,
  purchase_order_id uuid NOT NULL,
  store_id uuid NOT NULL,
  currency text NOT NULL,
  status text NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'posted', 'refused')),
  request_hash text NOT NULL,
  landed_costs json NOT NULL,
  discrepancies json NOT NULL,
  total_minor bigint NOT NULL CHECK (total_minor >= 0),
  received_at timestamptz NOT NULL,
  posted_at timestamptz,
  reference text,
  metadata jsonb NOT NULL DEFAULT '{}',
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  version int NOT NULL DEFAULT 1,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, purchase_order_id) REFERENCES purchase_order (tenant_id, id),
  CONSTRAINT goods_receipt_number_key UNIQUE (tenant_id, store_id, number),
  CONSTRAINT goods_receipt_reference_key UNIQUE (tenant_id, reference)
);
CREATE INDEX goods_receipt_by_order ON goods_receipt (tenant_id, purchase_order_id, id);
SELECT platform.tenant_table('goods_receipt', 'INSERT, UPDATE');

-- value = goods + landed: what the units are worth in stock.
CREATE TABLE goods_receipt_line (
  tenant_id uuid NOT NULL,
  goods_receipt_id uuid NOT NULL,
  position int NOT NULL,
  purchase_order_line_id uuid NOT NULL,
  variant_id uuid NOT NULL,
  quantity bigint NOT NULL CHECK (quantity > 0),
  unit_cost_minor bigint NOT NULL CHECK (unit_cost_minor >= 0),
  goods_minor bigint NOT NULL CHECK (goods_minor >= 0),
  landed_minor bigint NOT NULL CHECK (landed_minor >= 0),
  PRIMARY KEY (tenant_id, goods_receipt_id, position),
  FOREIGN KEY (tenant_id, goods_receipt_id) REFERENCES goods_receipt (tenant_id, id),
  FOREIGN KEY (tenant_id, purchase_order_line_id) REFERENCES purchase_order_line (tenant_id, id)
);
SELECT platform.append_only('goods_receipt_line');

-- Goods that are ordered and have not come. Quantities are thousandths. The level is the sum of the movements; `audit verify` says so.
CREATE TABLE stock_incoming (
  tenant_id uuid NOT NULL,
  store_id uuid NOT NULL,
  variant_id uuid NOT NULL,
  quantity bigint NOT NULL,
  PRIMARY KEY (tenant_id, store_id, variant_id)
);
CREATE INDEX stock_incoming_open ON stock_incoming (tenant_id, store_id, variant_id) WHERE quantity <> 0;
SELECT platform.tenant_table('stock_incoming', 'INSERT, UPDATE');

-- source: the order for what was ordered or given up, the receipt for what came.
CREATE TABLE incoming_movement (
  tenant_id uuid NOT NULL,
  purchase_order_id uuid NOT NULL,
  line_id uuid NOT NULL,
  kind text NOT NULL CHECK (kind IN ('ordered', 'received', 'ended')),
  source uuid NOT NULL,
  store_id uuid NOT NULL,
  variant_id uuid NOT NULL,
  quantity bigint NOT NULL CHECK (quantity <> 0),
  at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, purchase_order_id, line_id, kind, source)
);
CREATE INDEX incoming_movement_variant ON incoming_movement (tenant_id, variant_id, at);
SELECT platform.append_only('incoming_movement');

-- Orders of which nothing more is awaited, whatever is heard of them afterwards.
CREATE TABLE incoming_ended (
  tenant_id uuid NOT NULL,
  purchase_order_id uuid NOT NULL,
  at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, purchase_order_id)
);
SELECT platform.append_only('incoming_ended');

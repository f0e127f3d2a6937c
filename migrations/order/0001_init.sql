-- Customers, orders and returns. An order row is written by the last step of its saga: what is here was paid and handed over.
CREATE TABLE customer (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  name text NOT NULL,
  email text,
  phone text,
  tax_number text,
  address jsonb,
  group_id uuid,
  reference text,
  metadata jsonb NOT NULL DEFAULT '{}',
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  version int NOT NULL DEFAULT 1,
  archived_at timestamptz,
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT customer_reference_key UNIQUE (tenant_id, reference)
);
SELECT platform.tenant_table('customer');

-- `document` is the answer of the API, ready to send: reading an order is one row. The columns are what lists and the audit need.
CREATE TABLE orders (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  number text NOT NULL,
  store_id uuid NOT NULL,
  customer_id uuid,
  status text NOT NULL CHECK (status IN ('paid', 'cancelled', 'partiallyRefunded', 'refunded')),
  currency text NOT NULL,
  total_minor bigint NOT NULL,
  rounding_minor bigint NOT NULL DEFAULT 0,
  refunded_minor bigint NOT NULL DEFAULT 0 CHECK (refunded_minor >= 0),
  placed_at timestamptz NOT NULL,
  business_day date NOT NULL,
  -- What later documents of this order need and clients do not see: {storeCode, timezone, cashRounding, hour, employeeId, customerName, country, roundingMode, receipt}.
  context json NOT NULL,
  document json NOT NULL,
  request_hash text,
  imported boolean NOT NULL DEFAULT false,
  version int NOT NULL DEFAULT 1,
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT orders_number_key UNIQUE (tenant_id, store_id, imported, number),
  FOREIGN KEY (tenant_id, customer_id) REFERENCES customer (tenant_id, id)
) WITH (fillfactor = 85);
CREATE INDEX orders_placed ON orders (tenant_id, placed_at, id);
CREATE INDEX orders_of_customer ON orders (tenant_id, customer_id, placed_at) WHERE customer_id IS NOT NULL;
ALTER TABLE orders SET (toast_tuple_target = 8160); -- see the outbox: documents of a few kilobytes stay in one piece
SELECT platform.tenant_table('orders', 'INSERT, UPDATE');

-- As sold, and how much of it came back. Units: minor units of the order's currency, thousandths of a piece.
CREATE TABLE order_line (
  tenant_id uuid NOT NULL,
  order_id uuid NOT NULL,
  id uuid NOT NULL,
  position int NOT NULL,
  variant_id uuid NOT NULL,
  product_id uuid NOT NULL,
  category_id uuid,
  category_name text,
  sku text NOT NULL,
  name text NOT NULL,
  quantity_thousandths bigint NOT NULL,
  unit_price_minor bigint NOT NULL,
  gross_minor bigint NOT NULL,
  discount_minor bigint NOT NULL,
  tax_minor bigint NOT NULL,
  net_minor bigint NOT NULL,
  total_minor bigint NOT NULL,
  cost_minor bigint NOT NULL,
  taxes json NOT NULL DEFAULT '[]',
  returned_thousandths bigint NOT NULL DEFAULT 0,
  PRIMARY KEY (tenant_id, order_id, id),
  FOREIGN KEY (tenant_id, order_id) REFERENCES orders (tenant_id, id),
  CONSTRAINT never_more_returned_than_sold CHECK (returned_thousandths BETWEEN 0 AND quantity_thousandths),
  CHECK (total_minor = net_minor + tax_minor)
) WITH (fillfactor = 90);
SELECT platform.tenant_table('order_line', 'INSERT, UPDATE');

-- How the order was settled. Whether the money is there is payment's business.
CREATE TABLE order_tender (
  tenant_id uuid NOT NULL,
  order_id uuid NOT NULL,
  id uuid NOT NULL,
  method text NOT NULL,
  amount_minor bigint NOT NULL CHECK (amount_minor >= 0),
  tendered_minor bigint,
  change_minor bigint,
  PRIMARY KEY (tenant_id, order_id, id),
  FOREIGN KEY (tenant_id, order_id) REFERENCES orders (tenant_id, id)
);
SELECT platform.append_only('order_tender');

-- The client's own id of an order, taken before the first step of its sale and given back when the sale fails.
CREATE TABLE order_reference (
  tenant_id uuid NOT NULL,
  reference text NOT NULL,
  order_id uuid NOT NULL,
  CONSTRAINT order_reference_pkey PRIMARY KEY (tenant_id, reference)
);
SELECT platform.tenant_table('order_reference', 'INSERT, DELETE');

-- Goods or money that came back. status: pending holds the quantities while its saga runs; only made counts.
-- An imported return may belong to no order that we know.
CREATE TABLE order_return (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  order_id uuid,
  kind text NOT NULL CHECK (kind IN ('return', 'cancellation')),
  status text NOT NULL DEFAULT 'made' CHECK (status IN ('pending', 'made')),
  number text,
  store_id uuid NOT NULL,
  currency text NOT NULL,
  -- Σ lines, tax included; what left the till differs from it by rounding_minor.
  total_minor bigint NOT NULL,
  rounding_minor bigint NOT NULL DEFAULT 0,
  business_day date NOT NULL,
  at timestamptz NOT NULL,
  document json,
  imported boolean NOT NULL DEFAULT false,
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT order_return_number_key UNIQUE (tenant_id, store_id, imported, number),
  FOREIGN KEY (tenant_id, order_id) REFERENCES orders (tenant_id, id),
  CHECK (status = 'pending' OR number IS NOT NULL)
);
CREATE INDEX order_return_of_order ON order_return (tenant_id, order_id, at);
SELECT platform.tenant_table('order_return');

-- Every figure is positive and counts against the sale.
CREATE TABLE order_return_line (
  tenant_id uuid NOT NULL,
  return_id uuid NOT NULL,
  position int NOT NULL,
  line_id uuid NOT NULL,
  variant_id uuid NOT NULL,
  quantity_thousandths bigint NOT NULL CHECK (quantity_thousandths > 0),
  gross_minor bigint NOT NULL,
  discount_minor bigint NOT NULL,
  tax_minor bigint NOT NULL,
  net_minor bigint NOT NULL,
  total_minor bigint NOT NULL,
  cost_minor bigint NOT NULL,
  taxes json NOT NULL DEFAULT '[]',
  restock boolean NOT NULL,
  PRIMARY KEY (tenant_id, return_id, position),
  FOREIGN KEY (tenant_id, return_id) REFERENCES order_return (tenant_id, id) ON DELETE CASCADE,
  CHECK (total_minor = net_minor + tax_minor)
);
SELECT platform.tenant_table('order_return_line');

-- Numbers without gaps per store and kind: the row is changed in the transaction of the document, and waits for its commit.
CREATE TABLE document_counter (
  tenant_id uuid NOT NULL,
  store_id uuid NOT NULL,
  kind text NOT NULL CHECK (kind IN ('sale', 'return')),
  last bigint NOT NULL,
  PRIMARY KEY (tenant_id, store_id, kind)
) WITH (fillfactor = 50);
SELECT platform.tenant_table('document_counter', 'INSERT, UPDATE');

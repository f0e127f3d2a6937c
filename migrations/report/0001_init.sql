-- The star schema of the reports. Filled from events alone; every figure here can be thrown away and projected again.

-- How far the events of each source have been applied: a report says it as `asOf`. One row per source, because the relays of two
-- services that wait for the same row would apply their batches one after the other.
CREATE TABLE projection_state (
  tenant_id uuid NOT NULL,
  source text NOT NULL,
  last_event_id uuid NOT NULL,
  last_event_time timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, source)
);
SELECT platform.tenant_table('projection_state', 'INSERT, UPDATE');

CREATE TABLE dim_store (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  code text NOT NULL,
  name text NOT NULL,
  timezone text NOT NULL,
  currency text NOT NULL,
  PRIMARY KEY (tenant_id, id)
);
SELECT platform.tenant_table('dim_store', 'INSERT, UPDATE');

CREATE TABLE dim_register (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  store_id uuid NOT NULL,
  name text NOT NULL,
  PRIMARY KEY (tenant_id, id)
);
SELECT platform.tenant_table('dim_register', 'INSERT, UPDATE');

CREATE TABLE dim_variant (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  product_id uuid NOT NULL,
  product_name text NOT NULL,
  sku text NOT NULL,
  name text NOT NULL,
  category_id uuid,
  category_name text,
  currency text NOT NULL,
  PRIMARY KEY (tenant_id, id)
);
CREATE INDEX dim_variant_product ON dim_variant (tenant_id, product_id);
SELECT platform.tenant_table('dim_variant', 'INSERT, UPDATE');

-- One row per document: what makes a document count once, whichever event brings it.
CREATE TABLE fact_document (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  order_id uuid,
  kind text NOT NULL CHECK (kind IN ('sale', 'return', 'cancellation')),
  number text NOT NULL,
  store_id uuid NOT NULL,
  currency text NOT NULL,
  business_day date NOT NULL,
  at timestamptz NOT NULL,
  imported boolean NOT NULL,
  rounding_minor bigint NOT NULL,
  total_minor bigint NOT NULL,
  PRIMARY KEY (tenant_id, id)
);
-- The audit lays the orders beside their payments, page by page in the order of their ids.
CREATE INDEX fact_document_order ON fact_document (tenant_id, order_id) WHERE kind = 'sale' AND NOT imported;
SELECT platform.tenant_table('fact_document', 'INSERT');

-- One row per line, with the keys of its document beside the figures: a report reads this table alone and then names its groups.
-- Figures are of their own kind's sign (a return of 3.00 is 3.00); `sign` is +1 where they count for and -1 where they count against a sale.
CREATE TABLE fact_sale_line (
  tenant_id uuid NOT NULL,
  business_day date NOT NULL,
  document_id uuid NOT NULL,
  line_no int NOT NULL,
  hour smallint NOT NULL CHECK (hour BETWEEN 0 AND 23),
  sign smallint NOT NULL CHECK (sign IN (1, -1)),
  kind text NOT NULL,
  store_id uuid NOT NULL,
  register_id uuid,
  employee_id uuid,
  channel text NOT NULL,
  customer_id uuid,
  customer_name text,
  country text,
  currency text NOT NULL,
  product_id uuid NOT NULL,
  variant_id uuid NOT NULL,
  sku text NOT NULL,
  name text NOT NULL,
  category_id uuid,
  category_name text,
  quantity_thousandths bigint NOT NULL,
  gross_minor bigint NOT NULL,
  discount_minor bigint NOT NULL,
  tax_minor bigint NOT NULL,
  net_minor bigint NOT NULL,
  total_minor bigint NOT NULL,
  cost_minor bigint NOT NULL,
  PRIMARY KEY (tenant_id, business_day, document_id, line_no)
) PARTITION BY RANGE (business_day);
SELECT platform.tenant_table('fact_sale_line', 'INSERT');

-- A partition is reached through its parent only: nobody is granted anything on it, and forced row-level security without a policy
-- would show nothing even then. Run by migrations; the role of the service may not make tables.
CREATE FUNCTION add_sale_line_partition(first_day date, next_day date) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  partition text := 'fact_sale_line_' || to_char(first_day, CASE WHEN next_day > first_day + 31 THEN 'YYYY' ELSE 'YYYY_MM' END);
BEGIN
  EXECUTE format('CREATE TABLE %I PARTITION OF fact_sale_line FOR VALUES FROM (%L) TO (%L)', partition, first_day, next_day);
  EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', partition);
  EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', partition);
END $$;
REVOKE ALL ON FUNCTION add_sale_line_partition FROM PUBLIC;

-- History that is imported is read by the year; the years in which the shop trades by the month. What lies outside goes to the default.
SELECT add_sale_line_partition(make_date(year, 1, 1), make_date(year + 1, 1, 1)) FROM generate_series(2005, 2023) AS year;
SELECT add_sale_line_partition(month::date, (month + interval '1 month')::date)
  FROM generate_series(timestamp '2024-01-01', timestamp '2031-12-01', interval '1 month') AS month;
CREATE TABLE fact_sale_line_other PARTITION OF fact_sale_line DEFAULT;
ALTER TABLE fact_sale_line_other ENABLE ROW LEVEL SECURITY;
ALTER TABLE fact_sale_line_other FORCE ROW LEVEL SECURITY;

-- The taxes of a document by name and rate: base and amount of the sales, base and amount of what came back.
CREATE TABLE fact_tax (
  tenant_id uuid NOT NULL,
  business_day date NOT NULL,
  document_id uuid NOT NULL,
  name text NOT NULL,
  rate_ppm bigint NOT NULL,
  sign smallint NOT NULL CHECK (sign IN (1, -1)),
  store_id uuid NOT NULL,
  currency text NOT NULL,
  base_minor bigint NOT NULL,
  tax_minor bigint NOT NULL,
  PRIMARY KEY (tenant_id, business_day, document_id, name, rate_ppm, sign)
);
SELECT platform.tenant_table('fact_tax', 'INSERT');

-- Money in (captured) and out (refunded); both positive.
CREATE TABLE fact_payment (
  tenant_id uuid NOT NULL,
  business_day date NOT NULL,
  id uuid NOT NULL,
  direction text NOT NULL CHECK (direction IN ('captured', 'refunded')),
  order_id uuid NOT NULL,
  payment_id uuid NOT NULL,
  store_id uuid NOT NULL,
  register_id uuid,
  method text NOT NULL,
  provider text NOT NULL,
  currency text NOT NULL,
  amount_minor bigint NOT NULL CHECK (amount_minor >= 0),
  at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, business_day, id, direction, payment_id)
);
SELECT platform.tenant_table('fact_payment', 'INSERT');

-- Every stock movement with its value at cost: any past instant can be valued from here.
CREATE TABLE fact_stock (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  at timestamptz NOT NULL,
  store_id uuid NOT NULL,
  variant_id uuid NOT NULL,
  kind text NOT NULL,
  document_type text NOT NULL,
  document_id uuid NOT NULL,
  currency text NOT NULL,
  quantity_thousandths bigint NOT NULL,
  value_minor bigint NOT NULL,
  PRIMARY KEY (tenant_id, id)
);
CREATE INDEX fact_stock_time ON fact_stock (tenant_id, at);
SELECT platform.tenant_table('fact_stock', 'INSERT');

-- The sums of fact_stock, kept running: what lies where now, and what it is worth.
CREATE TABLE stock_position (
  tenant_id uuid NOT NULL,
  store_id uuid NOT NULL,
  variant_id uuid NOT NULL,
  currency text NOT NULL,
  quantity_thousandths bigint NOT NULL,
  value_minor bigint NOT NULL,
  PRIMARY KEY (tenant_id, store_id, variant_id, currency)
) WITH (fillfactor = 70); -- room on the page for the next version of a row: an update then touches no index
SELECT platform.tenant_table('stock_position', 'INSERT, UPDATE');

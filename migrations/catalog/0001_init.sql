-- Products and variants. `document` is the product as clients read it, made from the rows by one statement (models/documents.ts) in the
-- transaction that changes them: a read is one row, however many variants there are.
CREATE TABLE category (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  name text NOT NULL,
  parent_id uuid,
  reference text,
  metadata jsonb NOT NULL DEFAULT '{}',
  archived_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  version int NOT NULL DEFAULT 1,
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT category_reference_key UNIQUE (tenant_id, reference),
  FOREIGN KEY (tenant_id, parent_id) REFERENCES category (tenant_id, id),
  CHECK (parent_id <> id)
);
CREATE INDEX category_parent ON category (tenant_id, parent_id);
CREATE INDEX category_name ON category (tenant_id, lower(name));
SELECT platform.tenant_table('category');

-- components: [{"name", "ratePpm", "compound"}] in the order of calculation; a plain rate is one component of its own name.
CREATE TABLE tax_rate (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  name text NOT NULL,
  is_plain boolean NOT NULL,
  components jsonb NOT NULL CHECK (jsonb_array_length(components) > 0),
  reference text,
  metadata jsonb NOT NULL DEFAULT '{}',
  archived_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  version int NOT NULL DEFAULT 1,
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT tax_rate_reference_key UNIQUE (tenant_id, reference)
);
CREATE INDEX tax_rate_name ON tax_rate (tenant_id, lower(name));
SELECT platform.tenant_table('tax_rate');

CREATE TABLE product (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  name text NOT NULL,
  description text,
  category_id uuid,
  tax_rate_id uuid,
  options jsonb NOT NULL DEFAULT '[]',
  reference text,
  metadata jsonb NOT NULL DEFAULT '{}',
  document json,
  archived_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  version int NOT NULL DEFAULT 1,
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT product_reference_key UNIQUE (tenant_id, reference),
  FOREIGN KEY (tenant_id, category_id) REFERENCES category (tenant_id, id),
  FOREIGN KEY (tenant_id, tax_rate_id) REFERENCES tax_rate (tenant_id, id)
);
CREATE INDEX product_listed ON product (tenant_id, id) WHERE archived_at IS NULL;
CREATE INDEX product_category ON product (tenant_id, category_id, id);
CREATE INDEX product_tax_rate ON product (tenant_id, tax_rate_id);
CREATE INDEX product_updated ON product (tenant_id, updated_at, id);
ALTER TABLE product SET (toast_tuple_target = 8160); -- its document is read whole, and often
SELECT platform.tenant_table('product');

-- barcode_key: the GTIN-14 of a GS1 number, so that UPC-A, EAN-13 and GTIN-14 of one article are one; otherwise the barcode itself.
-- The key is not unique: files of other systems hold one article in two forms under two SKUs, and the till's look-up then shows both.
CREATE TABLE variant (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  product_id uuid NOT NULL,
  position int NOT NULL,
  sku text NOT NULL,
  name text,
  barcode text,
  barcode_key text,
  price_minor bigint NOT NULL CHECK (price_minor >= 0),
  cost_minor bigint CHECK (cost_minor >= 0),
  currency char(3) NOT NULL,
  unit text NOT NULL DEFAULT 'piece',
  options jsonb NOT NULL DEFAULT '{}',
  track_stock boolean NOT NULL DEFAULT true,
  allow_negative boolean NOT NULL DEFAULT false,
  reorder_point bigint CHECK (reorder_point >= 0),
  archived_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  version int NOT NULL DEFAULT 1,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, product_id) REFERENCES product (tenant_id, id),
  CHECK ((barcode IS NULL) = (barcode_key IS NULL))
);
CREATE UNIQUE INDEX variant_sku_key ON variant (tenant_id, sku) WHERE archived_at IS NULL;
CREATE UNIQUE INDEX variant_barcode_unique ON variant (tenant_id, barcode) WHERE archived_at IS NULL;
CREATE INDEX variant_barcode_key ON variant (tenant_id, barcode_key);
CREATE INDEX variant_product ON variant (tenant_id, product_id, position);
SELECT platform.tenant_table('variant');

-- The search index. Words are compared in "C" order, because a range of plain text comparisons is what row-level security lets into
-- an index scan; LIKE, trigrams and tsquery are not leakproof and would read every product of the tenant.
CREATE TABLE product_word (
  tenant_id uuid NOT NULL,
  word text COLLATE "C" NOT NULL,
  product_id uuid NOT NULL,
  weight smallint NOT NULL,
  PRIMARY KEY (tenant_id, word, product_id),
  FOREIGN KEY (tenant_id, product_id) REFERENCES product (tenant_id, id)
);
CREATE INDEX product_word_product ON product_word (tenant_id, product_id);
SELECT platform.tenant_table('product_word');

-- The customers that imports have brought without a reference of their own, each by a keyed digest of what its row said:
-- the same row again, in the same file or in the next export, brings nothing.
CREATE TABLE imported_customer (
  tenant_id uuid NOT NULL,
  digest text NOT NULL,
  PRIMARY KEY (tenant_id, digest)
);
SELECT platform.append_only('imported_customer');

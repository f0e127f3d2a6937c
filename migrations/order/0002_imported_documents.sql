-- The document numbers that imports have brought, per store: the same file again brings nothing.
-- A number may stand for a sale, a return, or one of each; `import_key` says which import brought it.
CREATE TABLE imported_document (
  tenant_id uuid NOT NULL,
  store_id uuid NOT NULL,
  number text NOT NULL,
  import_key text NOT NULL,
  PRIMARY KEY (tenant_id, store_id, number)
);
SELECT platform.append_only('imported_document');

-- Customers are imported too.
ALTER TABLE import_mapping DROP CONSTRAINT import_mapping_type_check;
ALTER TABLE import_mapping ADD CONSTRAINT import_mapping_type_check CHECK (type IN ('products', 'inventory', 'customers', 'suppliers', 'sales'));
ALTER TABLE import_job DROP CONSTRAINT import_job_type_check;
ALTER TABLE import_job ADD CONSTRAINT import_job_type_check CHECK (type IN ('products', 'inventory', 'customers', 'suppliers', 'sales'));

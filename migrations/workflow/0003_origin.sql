-- For which request a run or an import came about, and in whose name: see platform/0005_origin.sql.
ALTER TABLE workflow_run ADD COLUMN traceparent text, ADD COLUMN request_id text, ADD COLUMN actor text;
ALTER TABLE import_job ADD COLUMN traceparent text, ADD COLUMN request_id text, ADD COLUMN actor text;

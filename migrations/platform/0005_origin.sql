-- For which request a row of work came about, and in whose name: whoever goes on with it, on whichever node, says so in its log and its trace.
ALTER TABLE outbox ADD COLUMN request_id text, ADD COLUMN actor text;
ALTER TABLE saga ADD COLUMN traceparent text, ADD COLUMN request_id text, ADD COLUMN actor text;

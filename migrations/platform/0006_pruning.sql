-- What the pruning job of mixins/pruning.ts looks for, and may take away.
CREATE INDEX inbox_age ON inbox (applied_at);
CREATE INDEX saga_ended ON saga (updated_at) WHERE status IN ('completed', 'compensated');
-- An answer that came late is kept from then on as long as one that came at once.
ALTER TABLE idempotency_key ADD COLUMN answered_at timestamptz;
DO $$ BEGIN
  EXECUTE format('GRANT DELETE ON saga TO %I', 'beaver_' || current_schema() || '_worker');
END $$;

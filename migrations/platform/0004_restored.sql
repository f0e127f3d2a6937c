-- Each restore from a backup begins an epoch. Events carry it, so that what the lost future had published already (sales that are no more) is known by its epoch and not applied.
CREATE TABLE restored (
  epoch uuid PRIMARY KEY,
  taken_at timestamptz NOT NULL,
  restored_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
DO $$ BEGIN
  EXECUTE format('GRANT SELECT ON restored TO %I, %I', 'beaver_' || current_schema(), 'beaver_' || current_schema() || '_worker');
END $$;

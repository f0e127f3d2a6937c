-- The history of one tenant's events, in the order of their publication.
CREATE INDEX outbox_history ON outbox (tenant_id, published_at, seq) WHERE published_at IS NOT NULL;

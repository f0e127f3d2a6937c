-- Which store took the event: when a broker comes back with an empty one, what it lost is sent again (the inboxes know the rest).
ALTER TABLE outbox ADD COLUMN published_to text;
CREATE INDEX outbox_published ON outbox (published_at) WHERE published_at IS NOT NULL;

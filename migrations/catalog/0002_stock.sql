-- Quantities are thousandths, values minor units of the variant's currency. A level is the sum of its movements; `audit verify` says so.
CREATE TABLE stock_level (
  tenant_id uuid NOT NULL,
  store_id uuid NOT NULL,
  variant_id uuid NOT NULL,
  on_hand bigint NOT NULL DEFAULT 0,
  reserved bigint NOT NULL DEFAULT 0 CHECK (reserved >= 0),
  value_minor bigint NOT NULL DEFAULT 0,
  PRIMARY KEY (tenant_id, store_id, variant_id),
  FOREIGN KEY (tenant_id, variant_id) REFERENCES variant (tenant_id, id),
  CONSTRAINT no_value_without_goods CHECK (on_hand <> 0 OR value_minor = 0)
) WITH (fillfactor = 70); -- every sale rewrites its levels: room on the page keeps the new version beside the old one
CREATE INDEX stock_level_variant ON stock_level (tenant_id, variant_id);
SELECT platform.tenant_table('stock_level');

-- No foreign key to variant: it would share-lock the variant's row in every sale. The functions below join the variant instead.
CREATE TABLE stock_movement (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  store_id uuid NOT NULL,
  variant_id uuid NOT NULL,
  quantity bigint NOT NULL CHECK (quantity <> 0),
  value_minor bigint NOT NULL,
  -- what a receipt put right of the cost of goods sold before they came: not stock value
  cost_of_sales_minor bigint NOT NULL DEFAULT 0,
  kind text NOT NULL,
  document_type text NOT NULL,
  document_id uuid NOT NULL,
  at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, id)
);
CREATE INDEX stock_movement_variant ON stock_movement (tenant_id, variant_id, id);
SELECT platform.append_only('stock_movement');

-- One row per order that ever asked for stock. A released row stays as a tombstone: a late reserve or take finds it and is refused.
-- lines: [{"variantId", "quantity", "tracked", "cost"}], quantity in thousandths, cost in minor units once committed.
CREATE TABLE reservation (
  tenant_id uuid NOT NULL,
  order_id uuid NOT NULL,
  store_id uuid,
  status text NOT NULL CHECK (status IN ('reserved', 'committed', 'released')),
  lines json NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  ended_at timestamptz,
  PRIMARY KEY (tenant_id, order_id),
  CHECK ((status = 'reserved') = (ended_at IS NULL))
);
CREATE INDEX reservation_open ON reservation (tenant_id, order_id) WHERE status = 'reserved';
SELECT platform.tenant_table('reservation');

-- Adjustments, returns, receipts and imported rows: the id is what makes a repeat change nothing.
CREATE TABLE stock_document (
  tenant_id uuid NOT NULL,
  type text NOT NULL,
  id uuid NOT NULL,
  store_id uuid NOT NULL,
  reason text,
  lines json NOT NULL,
  request_hash text,
  reference text,
  metadata jsonb NOT NULL DEFAULT '{}',
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, type, id),
  CONSTRAINT stock_document_reference_key UNIQUE (tenant_id, type, reference)
);
SELECT platform.append_only('stock_document');

-- One row per SKU of an import that was booked: the same file again books nothing.
CREATE TABLE imported_stock (
  tenant_id uuid NOT NULL,
  import_key text NOT NULL,
  sku text NOT NULL,
  PRIMARY KEY (tenant_id, import_key, sku)
);
SELECT platform.append_only('imported_stock');

-- A UUIDv7 (RFC 9562); PostgreSQL has one of its own from 18 on, and we run on 15.
CREATE FUNCTION new_id() RETURNS uuid LANGUAGE sql VOLATILE PARALLEL SAFE AS $$
  SELECT encode(set_bit(set_bit(overlay(uuid_send(gen_random_uuid())
    PLACING substring(int8send((extract(epoch FROM clock_timestamp()) * 1000)::bigint) FROM 3) FROM 1 FOR 6), 52, 1), 53, 1), 'hex')::uuid
$$;

-- round(amount × part / whole), ties up, exact; arguments not negative. The same as roundProduct(…, "halfUp") in lib/rounding.ts.
CREATE FUNCTION share(amount bigint, part bigint, whole bigint) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT div(2 * amount::numeric * part + whole, 2 * whole::numeric)::bigint
$$;

-- "Mug", "red" is "Mug - red" on a receipt; a variant without a name of its own is its product.
CREATE FUNCTION display_name(product text, variant text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN variant IS NULL THEN product WHEN starts_with(variant, product) THEN variant ELSE product || ' - ' || variant END
$$;

-- What an issue costs: see issue() in services/catalog/domain/moving-average.ts.
CREATE FUNCTION issue_cost(on_hand bigint, value_minor bigint, quantity bigint, own_cost bigint) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN on_hand = 0 THEN share(coalesce(own_cost, 0), quantity, 1000) ELSE share(abs(value_minor), quantity, abs(on_hand)) END
$$;

-- Locks the levels of a document in the order of their variants, whatever the order of its lines, so that no two documents wait for
-- each other. Levels that do not exist yet are made where they may be needed.
CREATE FUNCTION lock_levels(the_store uuid, variants uuid[], make_all boolean) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  found_levels int;
BEGIN
  SELECT count(*) INTO found_levels FROM (
    SELECT 1 FROM stock_level WHERE store_id = the_store AND variant_id = ANY (variants) ORDER BY variant_id FOR UPDATE) locked;
  IF found_levels = cardinality(variants) THEN RETURN; END IF;
  INSERT INTO stock_level (store_id, variant_id)
    SELECT the_store, v.id FROM variant v WHERE v.id = ANY (variants) AND v.track_stock AND (make_all OR v.allow_negative) ORDER BY v.id
    ON CONFLICT DO NOTHING;
  PERFORM 1 FROM stock_level WHERE store_id = the_store AND variant_id = ANY (variants) ORDER BY variant_id FOR UPDATE;
END $$;

-- The state of an order's stock as an answer, or NULL where it never asked.
CREATE FUNCTION reservation_of(the_order uuid) RETURNS json LANGUAGE sql AS $$
  SELECT json_build_object('status', status, 'repeated', true, 'storeId', store_id, 'lines', lines) FROM reservation WHERE order_id = the_order FOR UPDATE
$$;

-- Takes a whole basket out of stock at moving-average cost, or none of it. Variants are distinct and sorted.
-- Answers {status, lines, moved, low}, or {missing} or {short} with nothing changed.
CREATE FUNCTION take_stock(the_order uuid, the_store uuid, variants uuid[], quantities bigint[]) RETURNS json LANGUAGE plpgsql AS $$
DECLARE
  answer json := reservation_of(the_order);
BEGIN
  IF answer IS NOT NULL THEN RETURN answer; END IF;
  PERFORM lock_levels(the_store, variants, false);
  -- A new statement, a new snapshot: it sees the levels as the locks left them.
  WITH line AS MATERIALIZED (
    SELECT w.variant_id, w.quantity, v.track_stock AS tracked, v.sku, display_name(p.name, v.name) AS name, v.currency, v.reorder_point,
      v.allow_negative, coalesce(l.on_hand - l.reserved, 0) AS available, new_id() AS movement_id,
      CASE WHEN v.track_stock THEN issue_cost(coalesce(l.on_hand, 0), coalesce(l.value_minor, 0), w.quantity, v.cost_minor)
        ELSE share(coalesce(v.cost_minor, 0), w.quantity, 1000) END AS cost
    FROM unnest(variants, quantities) w(variant_id, quantity)
    CROSS JOIN LATERAL (SELECT * FROM variant WHERE id = w.variant_id OFFSET 0) v
    CROSS JOIN LATERAL (SELECT name FROM product WHERE id = v.product_id OFFSET 0) p
    LEFT JOIN LATERAL (SELECT * FROM stock_level WHERE store_id = the_store AND variant_id = w.variant_id OFFSET 0) l ON true
  ), short AS MATERIALIZED (
    SELECT * FROM line WHERE tracked AND NOT allow_negative AND available < quantity
  ), goes AS MATERIALIZED (
    SELECT * FROM line WHERE NOT EXISTS (SELECT FROM short) AND (SELECT count(*) FROM line) = cardinality(variants)
  ), levels AS (
    UPDATE stock_level l SET on_hand = l.on_hand - g.quantity, value_minor = l.value_minor - g.cost
    FROM goes g WHERE g.tracked AND l.store_id = the_store AND l.variant_id = ANY (variants) AND l.variant_id = g.variant_id
  ), movements AS (
    INSERT INTO stock_movement (id, store_id, variant_id, quantity, value_minor, kind, document_type, document_id)
    SELECT movement_id, the_store, variant_id, -quantity, -cost, 'sale', 'order', the_order FROM goes WHERE tracked
  ), kept AS (
    INSERT INTO reservation (order_id, store_id, status, ended_at, lines)
    SELECT the_order, the_store, 'committed', now(), json_agg(json_build_object('variantId', variant_id, 'quantity', quantity, 'tracked', tracked, 'cost', cost))
    FROM goes HAVING count(*) > 0
    RETURNING lines
  )
  SELECT json_build_object(
    'status', (SELECT 'committed' FROM kept),
    'lines', (SELECT lines FROM kept),
    'missing', (SELECT json_agg(w) FROM unnest(variants) w WHERE NOT EXISTS (SELECT FROM line WHERE variant_id = w)),
    'short', (SELECT json_agg(json_build_object('variantId', variant_id, 'requested', quantity, 'available', available)) FROM short),
    'moved', (SELECT json_agg(json_build_object('movementId', movement_id, 'variantId', variant_id, 'quantity', -quantity, 'value', -cost, 'currency', currency, 'at', now())) FROM goes WHERE tracked),
    'low', (SELECT json_agg(json_build_object('variantId', variant_id, 'sku', sku, 'name', name, 'available', available - quantity, 'reorderPoint', reorder_point))
      FROM goes WHERE tracked AND available > reorder_point AND available - quantity <= reorder_point)
  ) INTO answer;
  RETURN answer;
END $$;

-- Many baskets in one call: [{n, orderId, storeId, variants, quantities}]. What each is answered is what take_stock would answer, one after the other.
-- Baskets that share no variant with another, were never asked for before and are all there go through one statement; the few others take their turn behind it.
CREATE FUNCTION take_stocks(asked json) RETURNS TABLE (n int, answer json) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  apart int[];
  behind int[];
  basket record;
BEGIN
  -- All levels of all baskets at once and in one order: two calls never wait for each other crosswise.
  PERFORM 1 FROM stock_level l WHERE l.store_id = ANY (ARRAY (SELECT a."storeId" FROM json_to_recordset(asked) a("storeId" uuid)))
      AND l.variant_id = ANY (ARRAY (SELECT v FROM json_to_recordset(asked) a(variants uuid[]) CROSS JOIN LATERAL unnest(a.variants) v))
    ORDER BY l.store_id, l.variant_id FOR UPDATE;
  WITH line AS (
    SELECT a.n, a."orderId", count(*) OVER (PARTITION BY a."storeId", v) AS wanted
    FROM json_to_recordset(asked) a(n int, "orderId" uuid, "storeId" uuid, variants uuid[]) CROSS JOIN LATERAL unnest(a.variants) v
  ), basket AS (
    SELECT line.n, max(wanted) = 1 AND NOT EXISTS (SELECT FROM reservation r WHERE r.order_id = line."orderId" OFFSET 0) AS is_apart FROM line GROUP BY line.n, line."orderId"
  ) SELECT coalesce(array_agg(basket.n) FILTER (WHERE is_apart), '{}'), coalesce(array_agg(basket.n) FILTER (WHERE NOT is_apart), '{}') INTO apart, behind FROM basket;
  FOR basket IN WITH line AS MATERIALIZED (
    SELECT a.n, a."orderId" AS order_id, a."storeId" AS store_id, w.variant_id, w.quantity, v.id IS NOT NULL AS is_known, v.track_stock AS tracked, v.sku,
      display_name(p.name, v.name) AS name, v.currency, v.reorder_point, v.allow_negative, l.on_hand IS NOT NULL AS has_level, coalesce(l.on_hand - l.reserved, 0) AS available, new_id() AS movement_id,
      CASE WHEN v.track_stock THEN issue_cost(coalesce(l.on_hand, 0), coalesce(l.value_minor, 0), w.quantity, v.cost_minor)
        ELSE share(coalesce(v.cost_minor, 0), w.quantity, 1000) END AS cost
    FROM json_to_recordset(asked) a(n int, "orderId" uuid, "storeId" uuid, variants uuid[], quantities bigint[])
    CROSS JOIN LATERAL unnest(a.variants, a.quantities) w(variant_id, quantity)
    LEFT JOIN LATERAL (SELECT * FROM variant WHERE id = w.variant_id OFFSET 0) v ON true
    LEFT JOIN LATERAL (SELECT product.name FROM product WHERE id = v.product_id OFFSET 0) p ON true
    LEFT JOIN LATERAL (SELECT * FROM stock_level WHERE store_id = a."storeId" AND variant_id = w.variant_id OFFSET 0) l ON true
    WHERE a.n = ANY (ARRAY (SELECT unnest(apart))) -- the sub-select hides the list: with it in sight every call would be planned anew
  ), goes AS MATERIALIZED (
    -- A variant without a level that may go below zero gets its level first: take_stock does that.
    SELECT * FROM (SELECT line.*, bool_and(is_known AND (NOT tracked OR (has_level AND (allow_negative OR available >= quantity)))) OVER (PARTITION BY line.n) AS is_whole FROM line) judged WHERE is_whole
  ), levels AS (
    UPDATE stock_level l SET on_hand = l.on_hand - g.quantity, value_minor = l.value_minor - g.cost
    FROM goes g WHERE g.tracked AND l.store_id = g.store_id AND l.variant_id = g.variant_id
      AND l.store_id = ANY (ARRAY (SELECT store_id FROM goes)) AND l.variant_id = ANY (ARRAY (SELECT variant_id FROM goes))
  ), movements AS (
    INSERT INTO stock_movement (id, store_id, variant_id, quantity, value_minor, kind, document_type, document_id)
    SELECT movement_id, store_id, variant_id, -quantity, -cost, 'sale', 'order', order_id FROM goes WHERE tracked
  ), kept AS (
    INSERT INTO reservation (order_id, store_id, status, ended_at, lines)
    SELECT order_id, store_id, 'committed', now(), json_agg(json_build_object('variantId', variant_id, 'quantity', quantity, 'tracked', tracked, 'cost', cost) ORDER BY variant_id)
    FROM goes GROUP BY order_id, store_id
  ), answers AS (
    SELECT goes.n, json_build_object(
      'status', 'committed',
      'lines', json_agg(json_build_object('variantId', variant_id, 'quantity', quantity, 'tracked', tracked, 'cost', cost) ORDER BY variant_id),
      'moved', json_agg(json_build_object('movementId', movement_id, 'variantId', variant_id, 'quantity', -quantity, 'value', -cost, 'currency', currency, 'at', now())) FILTER (WHERE tracked),
      'low', json_agg(json_build_object('variantId', variant_id, 'sku', sku, 'name', name, 'available', available - quantity, 'reorderPoint', reorder_point))
        FILTER (WHERE tracked AND available > reorder_point AND available - quantity <= reorder_point)) AS answer
    FROM goes GROUP BY goes.n
  ) SELECT u AS n, answers.answer FROM unnest(apart) u LEFT JOIN answers ON answers.n = u
  LOOP
    IF basket.answer IS NULL THEN behind := behind || basket.n; CONTINUE; END IF;
    n := basket.n;
    answer := basket.answer;
    RETURN NEXT;
  END LOOP;
  IF cardinality(behind) = 0 THEN RETURN; END IF;
  FOR basket IN SELECT a.* FROM json_to_recordset(asked) a(n int, "orderId" uuid, "storeId" uuid, variants uuid[], quantities bigint[]) WHERE a.n = ANY (behind) ORDER BY a.n
  LOOP
    n := basket.n;
    answer := take_stock(basket."orderId", basket."storeId", basket.variants, basket.quantities);
    RETURN NEXT;
  END LOOP;
END $$;

-- Holds a whole basket, or none of it: what is available falls, what is on hand does not. Answers as take_stock.
CREATE FUNCTION reserve_stock(the_order uuid, the_store uuid, variants uuid[], quantities bigint[]) RETURNS json LANGUAGE plpgsql AS $$
DECLARE
  answer json := reservation_of(the_order);
BEGIN
  IF answer IS NOT NULL THEN RETURN answer; END IF;
  PERFORM lock_levels(the_store, variants, false);
  WITH line AS MATERIALIZED (
    SELECT w.variant_id, w.quantity, v.track_stock AS tracked, v.sku, display_name(p.name, v.name) AS name, v.reorder_point, v.allow_negative,
      coalesce(l.on_hand - l.reserved, 0) AS available
    FROM unnest(variants, quantities) w(variant_id, quantity)
    CROSS JOIN LATERAL (SELECT * FROM variant WHERE id = w.variant_id OFFSET 0) v
    CROSS JOIN LATERAL (SELECT name FROM product WHERE id = v.product_id OFFSET 0) p
    LEFT JOIN LATERAL (SELECT * FROM stock_level WHERE store_id = the_store AND variant_id = w.variant_id OFFSET 0) l ON true
  ), short AS MATERIALIZED (
    SELECT * FROM line WHERE tracked AND NOT allow_negative AND available < quantity
  ), goes AS MATERIALIZED (
    SELECT * FROM line WHERE NOT EXISTS (SELECT FROM short) AND (SELECT count(*) FROM line) = cardinality(variants)
  ), levels AS (
    UPDATE stock_level l SET reserved = l.reserved + g.quantity
    FROM goes g WHERE g.tracked AND l.store_id = the_store AND l.variant_id = ANY (variants) AND l.variant_id = g.variant_id
  ), kept AS (
    INSERT INTO reservation (order_id, store_id, status, lines)
    SELECT the_order, the_store, 'reserved', json_agg(json_build_object('variantId', variant_id, 'quantity', quantity, 'tracked', tracked))
    FROM goes HAVING count(*) > 0
    RETURNING lines
  )
  SELECT json_build_object(
    'status', (SELECT 'reserved' FROM kept),
    'lines', (SELECT lines FROM kept),
    'missing', (SELECT json_agg(w) FROM unnest(variants) w WHERE NOT EXISTS (SELECT FROM line WHERE variant_id = w)),
    'short', (SELECT json_agg(json_build_object('variantId', variant_id, 'requested', quantity, 'available', available)) FROM short),
    'low', (SELECT json_agg(json_build_object('variantId', variant_id, 'sku', sku, 'name', name, 'available', available - quantity, 'reorderPoint', reorder_point))
      FROM goes WHERE tracked AND available > reorder_point AND available - quantity <= reorder_point)
  ) INTO answer;
  RETURN answer;
END $$;

-- Turns what is reserved into sale movements. Answers as take_stock; NULL where nothing was ever reserved.
CREATE FUNCTION commit_stock(the_order uuid) RETURNS json LANGUAGE plpgsql AS $$
DECLARE
  answer json := reservation_of(the_order);
  the_store uuid := (answer->>'storeId')::uuid;
  variants uuid[];
BEGIN
  IF answer IS NULL OR answer->>'status' <> 'reserved' THEN RETURN answer; END IF;
  variants := ARRAY (SELECT (l->>'variantId')::uuid FROM json_array_elements(answer->'lines') l ORDER BY 1);
  PERFORM lock_levels(the_store, variants, false);
  WITH line AS MATERIALIZED (
    SELECT r."variantId" AS variant_id, r.quantity, r.tracked, v.currency, new_id() AS movement_id,
      CASE WHEN r.tracked THEN issue_cost(l.on_hand, l.value_minor, r.quantity, v.cost_minor) ELSE share(coalesce(v.cost_minor, 0), r.quantity, 1000) END AS cost
    FROM json_to_recordset(answer->'lines') r("variantId" uuid, quantity bigint, tracked boolean)
    CROSS JOIN LATERAL (SELECT * FROM variant WHERE id = r."variantId" OFFSET 0) v
    LEFT JOIN LATERAL (SELECT * FROM stock_level WHERE store_id = the_store AND variant_id = r."variantId" OFFSET 0) l ON true
  ), levels AS (
    UPDATE stock_level l SET on_hand = l.on_hand - g.quantity, reserved = l.reserved - g.quantity, value_minor = l.value_minor - g.cost
    FROM line g WHERE g.tracked AND l.store_id = the_store AND l.variant_id = ANY (variants) AND l.variant_id = g.variant_id
  ), movements AS (
    INSERT INTO stock_movement (id, store_id, variant_id, quantity, value_minor, kind, document_type, document_id)
    SELECT movement_id, the_store, variant_id, -quantity, -cost, 'sale', 'order', the_order FROM line WHERE tracked
  ), kept AS (
    UPDATE reservation SET status = 'committed', ended_at = now(),
      lines = (SELECT json_agg(json_build_object('variantId', variant_id, 'quantity', quantity, 'tracked', tracked, 'cost', cost)) FROM line)
    WHERE order_id = the_order RETURNING status, lines
  )
  SELECT json_build_object(
    'status', (SELECT status FROM kept), 'lines', (SELECT lines FROM kept), 'storeId', the_store,
    'moved', (SELECT json_agg(json_build_object('movementId', movement_id, 'variantId', variant_id, 'quantity', -quantity, 'value', -cost, 'currency', currency, 'at', now())) FROM line WHERE tracked)
  ) INTO answer;
  RETURN answer;
END $$;

-- Gives back what is reserved, or leaves a tombstone so that nothing will be. Answers the status that the order had ('none' where it had none).
CREATE FUNCTION release_stock(the_order uuid) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  held reservation;
  variants uuid[];
BEGIN
  INSERT INTO reservation (order_id, status, ended_at, lines) VALUES (the_order, 'released', now(), '[]') ON CONFLICT DO NOTHING;
  IF FOUND THEN RETURN 'none'; END IF;
  SELECT * INTO held FROM reservation WHERE order_id = the_order FOR UPDATE;
  IF held.status <> 'reserved' THEN RETURN held.status; END IF;
  variants := ARRAY (SELECT (l->>'variantId')::uuid FROM json_array_elements(held.lines) l ORDER BY 1);
  PERFORM lock_levels(held.store_id, variants, false);
  UPDATE stock_level l SET reserved = l.reserved - r.quantity
    FROM json_to_recordset(held.lines) r("variantId" uuid, quantity bigint, tracked boolean)
    WHERE r.tracked AND l.store_id = held.store_id AND l.variant_id = ANY (variants) AND l.variant_id = r."variantId";
  UPDATE reservation SET status = 'released', ended_at = now() WHERE order_id = the_order;
  RETURN 'reserved';
END $$;

-- Books the signed lines of a document: all or none. Variants are distinct and sorted; untracked ones are left out. amounts: what a line
-- in costs altogether, NULL for the average (or the variant's own cost where there is none). Answers {moved, low}, or {missing} or {short}.
-- See receive() in services/catalog/domain/moving-average.ts for goods that come in below zero.
CREATE FUNCTION post_stock(the_kind text, doc_type text, doc_id uuid, the_store uuid, booked_at timestamptz, variants uuid[], quantities bigint[], amounts bigint[])
RETURNS json LANGUAGE plpgsql AS $$
DECLARE
  answer json;
BEGIN
  PERFORM lock_levels(the_store, variants, true);
  WITH line AS MATERIALIZED (
    SELECT w.variant_id, w.quantity, v.sku, display_name(p.name, v.name) AS name, v.currency, v.reorder_point, v.allow_negative, v.track_stock AS tracked,
      l.on_hand, l.value_minor, v.cost_minor AS own_cost, l.on_hand - l.reserved AS available, new_id() AS movement_id,
      coalesce(w.amount, issue_cost(CASE WHEN l.on_hand > 0 THEN l.on_hand ELSE 0 END, l.value_minor, abs(w.quantity), v.cost_minor)) AS amount,
      least(w.quantity, greatest(0, -l.on_hand)) AS covered
    FROM unnest(variants, quantities, amounts) w(variant_id, quantity, amount)
    CROSS JOIN LATERAL (SELECT * FROM variant WHERE id = w.variant_id OFFSET 0) v
    CROSS JOIN LATERAL (SELECT name FROM product WHERE id = v.product_id OFFSET 0) p
    LEFT JOIN LATERAL (SELECT * FROM stock_level WHERE store_id = the_store AND variant_id = w.variant_id OFFSET 0) l ON true
  ), valued AS MATERIALIZED (
    SELECT *,
      CASE WHEN quantity < 0 THEN -issue_cost(on_hand, value_minor, -quantity, own_cost) ELSE amount END AS posted,
      CASE WHEN quantity > 0 AND covered > 0 THEN share(amount, covered, quantity) - share(-value_minor, covered, -on_hand) ELSE 0 END AS of_sales
    FROM line WHERE tracked
  ), short AS MATERIALIZED (
    SELECT * FROM line WHERE tracked AND quantity < 0 AND NOT allow_negative AND available + quantity < 0
  ), goes AS MATERIALIZED (
    SELECT * FROM valued WHERE NOT EXISTS (SELECT FROM short) AND (SELECT count(*) FROM line) = cardinality(variants)
  ), levels AS (
    UPDATE stock_level l SET on_hand = l.on_hand + g.quantity, value_minor = l.value_minor + g.posted - g.of_sales
    FROM goes g WHERE l.store_id = the_store AND l.variant_id = ANY (variants) AND l.variant_id = g.variant_id
  ), movements AS (
    INSERT INTO stock_movement (id, store_id, variant_id, quantity, value_minor, cost_of_sales_minor, kind, document_type, document_id, at)
    SELECT movement_id, the_store, variant_id, quantity, posted - of_sales, of_sales, the_kind, doc_type, doc_id, coalesce(booked_at, now()) FROM goes
  )
  SELECT json_build_object(
    'missing', (SELECT json_agg(w) FROM unnest(variants) w WHERE NOT EXISTS (SELECT FROM line WHERE variant_id = w)),
    'short', (SELECT json_agg(json_build_object('variantId', variant_id, 'requested', -quantity, 'available', available)) FROM short),
    'moved', (SELECT json_agg(json_build_object('movementId', movement_id, 'variantId', variant_id, 'quantity', quantity, 'value', posted - of_sales, 'currency', currency, 'at', coalesce(booked_at, now()))) FROM goes),
    'low', (SELECT json_agg(json_build_object('variantId', variant_id, 'sku', sku, 'name', name, 'available', available + quantity, 'reorderPoint', reorder_point))
      FROM goes WHERE available > reorder_point AND available + quantity <= reorder_point)
  ) INTO answer;
  RETURN answer;
END $$;

-- These run in every sale. Planning them anew for each basket costs more than running them, and there is only one good plan whatever the
-- basket: walk its lines and look each up by its key. For the same reason the joins above are LATERAL with OFFSET 0: while a table has no
-- statistics the planner takes a tenant to have one row, and would read the tenant's whole catalog for each line.
DO $$
DECLARE
  hot regprocedure;
BEGIN
  FOREACH hot IN ARRAY ARRAY ['lock_levels(uuid, uuid[], boolean)', 'take_stock(uuid, uuid, uuid[], bigint[])', 'reserve_stock(uuid, uuid, uuid[], bigint[])',
    'commit_stock(uuid)', 'release_stock(uuid)', 'post_stock(text, text, uuid, uuid, timestamptz, uuid[], bigint[], bigint[])']::regprocedure[] LOOP
    EXECUTE format('ALTER FUNCTION %s SET plan_cache_mode = force_generic_plan', hot);
    EXECUTE format('ALTER FUNCTION %s SET enable_seqscan = off', hot);
    EXECUTE format('ALTER FUNCTION %s SET enable_hashjoin = off', hot);
    EXECUTE format('ALTER FUNCTION %s SET enable_mergejoin = off', hot);
  END LOOP;
END $$;

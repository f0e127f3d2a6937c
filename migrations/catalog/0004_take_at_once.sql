-- Without nested loops where there is a choice: between the levels and the lines that draw on them one compares each with each, 2,304 times for 16 baskets of three. What is looked up by key
-- has no other way and keeps it. Before PostgreSQL 18 a way that is switched off counts as so dear that the plan would be compiled.
-- Many baskets in one call: [{n, orderId, storeId, variants, quantities}]. What each is answered is what take_stock would answer, one after the other.
-- Baskets that draw on no variant of one before them, were never asked for before and are all there go through one statement; the few others take their turn behind it.
CREATE OR REPLACE FUNCTION take_stocks(asked json) RETURNS TABLE (n int, answer json) LANGUAGE plpgsql SET enable_nestloop = off SET jit = off AS $$
#variable_conflict use_column
DECLARE
  behind int[] := '{}';
  basket record;
BEGIN
  -- All levels of all baskets at once and in one order: two calls never wait for each other crosswise.
  PERFORM 1 FROM stock_level l WHERE l.store_id = ANY (ARRAY (SELECT a."storeId" FROM json_to_recordset(asked) a("storeId" uuid)))
      AND l.variant_id = ANY (ARRAY (SELECT v FROM json_to_recordset(asked) a(variants uuid[]) CROSS JOIN LATERAL unnest(a.variants) v))
    ORDER BY l.store_id, l.variant_id FOR UPDATE;
  FOR basket IN WITH line AS MATERIALIZED (
    SELECT a.n, a."orderId" AS order_id, a."storeId" AS store_id, w.variant_id, w.quantity,
      row_number() OVER (PARTITION BY a."storeId", w.variant_id ORDER BY a.n) = 1 AND NOT a.is_repeated AS is_first, v.id IS NOT NULL AS is_known, v.track_stock AS tracked, v.sku,
      v.name, v.product_id, v.currency, v.reorder_point, v.allow_negative, l.on_hand IS NOT NULL AS has_level, coalesce(l.on_hand - l.reserved, 0) AS available, new_id() AS movement_id,
      CASE WHEN v.track_stock THEN issue_cost(coalesce(l.on_hand, 0), coalesce(l.value_minor, 0), w.quantity, v.cost_minor)
        ELSE share(coalesce(v.cost_minor, 0), w.quantity, 1000) END AS cost
    FROM (
      SELECT j.*, EXISTS (SELECT FROM reservation r WHERE r.order_id = j."orderId" OFFSET 0) AS is_repeated
      FROM json_to_recordset(asked) j(n int, "orderId" uuid, "storeId" uuid, variants uuid[], quantities bigint[]) OFFSET 0
    ) a
    CROSS JOIN LATERAL unnest(a.variants, a.quantities) w(variant_id, quantity)
    LEFT JOIN LATERAL (SELECT * FROM variant WHERE id = w.variant_id OFFSET 0) v ON true
    LEFT JOIN LATERAL (SELECT * FROM stock_level WHERE store_id = a."storeId" AND variant_id = w.variant_id OFFSET 0) l ON true
  ), goes AS MATERIALIZED (
    -- A variant without a level that may go below zero gets its level first: take_stock does that.
    SELECT * FROM (SELECT line.*, bool_and(is_first AND is_known AND (NOT tracked OR (has_level AND (allow_negative OR available >= quantity)))) OVER (PARTITION BY line.n) AS is_whole FROM line) judged WHERE is_whole
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
      'low', json_agg(json_build_object('variantId', variant_id, 'sku', sku, 'name', display_name((SELECT p.name FROM product p WHERE p.id = product_id), name), 'available', available - quantity, 'reorderPoint', reorder_point))
        FILTER (WHERE tracked AND available > reorder_point AND available - quantity <= reorder_point)) AS answer
    FROM goes GROUP BY goes.n
  ) SELECT a.n, answers.answer FROM (SELECT line.n FROM line GROUP BY line.n) a LEFT JOIN answers USING (n)
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
-- What runs inside keeps the plans that it has: by key, and so by nested loops.
ALTER FUNCTION take_stock(uuid, uuid, uuid[], bigint[]) SET enable_nestloop = on;
ALTER FUNCTION lock_levels(uuid, uuid[], boolean) SET enable_nestloop = on;

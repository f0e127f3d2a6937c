-- What was taken is told of by the statement that takes it, so that the commit travels with it: nothing has to come back first.

-- The moment of this transaction, as the events write it (RFC 3339, UTC, milliseconds).
CREATE FUNCTION event_time() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
$$;
-- `data` of catalog.stockMoved, for the sale of an order; the movements are of sold_movement.
CREATE FUNCTION stock_sold(the_order uuid, the_store uuid, currency text, movements json) RETURNS json LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT json_build_object('storeId', the_store, 'currency', currency, 'documentType', 'order', 'documentId', the_order, 'movements', movements)
$$;
CREATE FUNCTION sold_movement(movement_id uuid, variant_id uuid, quantity bigint, value bigint, at text) RETURNS json LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT json_build_object('movementId', movement_id, 'variantId', variant_id, 'quantityThousandths', quantity, 'valueMinor', value, 'kind', 'sale', 'at', at)
$$;
-- `data` of catalog.stockLow.
CREATE FUNCTION stock_low(the_store uuid, variant_id uuid, sku text, name text, available bigint, reorder_point bigint) RETURNS json LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT json_build_object('storeId', the_store, 'variantId', variant_id, 'sku', sku, 'name', name, 'availableThousandths', available, 'reorderPointThousandths', reorder_point)
$$;

-- Appends the events of one basket, from what take_stock answered.
CREATE FUNCTION tell_taken(the_order uuid, the_store uuid, answer json, the_traceparent text, the_request text, the_actor text) RETURNS void LANGUAGE sql AS $$
  INSERT INTO outbox (id, type, subject, data, traceparent, request_id, actor)
  SELECT new_id(), 'catalog.stockMoved', the_order, stock_sold(the_order, the_store, m.currency, json_agg(sold_movement(m."movementId", m."variantId", m.quantity, m.value, event_time()))),
    the_traceparent, the_request, the_actor
  FROM json_to_recordset(CASE json_typeof(answer->'moved') WHEN 'array' THEN answer->'moved' END) m("movementId" uuid, "variantId" uuid, quantity bigint, value bigint, currency text) GROUP BY m.currency
  UNION ALL
  SELECT new_id(), 'catalog.stockLow', l."variantId", stock_low(the_store, l."variantId", l.sku, l.name, l.available, l."reorderPoint"), the_traceparent, the_request, the_actor
  FROM json_to_recordset(CASE json_typeof(answer->'low') WHEN 'array' THEN answer->'low' END) l("variantId" uuid, sku text, name text, available bigint, "reorderPoint" bigint)
$$;

-- Many baskets in one call: [{n, orderId, storeId, variants, quantities, traceparent, requestId, actor}]. What each is answered is what take_stock would answer, one after the other, and its events are in the outbox.
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
    SELECT a.n, a."orderId" AS order_id, a."storeId" AS store_id, a.traceparent, a."requestId" AS request_id, a.actor, w.variant_id, w.quantity,
      row_number() OVER (PARTITION BY a."storeId", w.variant_id ORDER BY a.n) = 1 AND NOT a.is_repeated AS is_first, v.id IS NOT NULL AS is_known, v.track_stock AS tracked, v.sku,
      v.name, v.product_id, v.currency, v.reorder_point, v.allow_negative, l.on_hand IS NOT NULL AS has_level, coalesce(l.on_hand - l.reserved, 0) AS available, new_id() AS movement_id,
      CASE WHEN v.track_stock THEN issue_cost(coalesce(l.on_hand, 0), coalesce(l.value_minor, 0), w.quantity, v.cost_minor)
        ELSE share(coalesce(v.cost_minor, 0), w.quantity, 1000) END AS cost
    FROM (
      SELECT j.*, EXISTS (SELECT FROM reservation r WHERE r.order_id = j."orderId" OFFSET 0) AS is_repeated
      FROM json_to_recordset(asked) j(n int, "orderId" uuid, "storeId" uuid, variants uuid[], quantities bigint[], traceparent text, "requestId" text, actor text) OFFSET 0
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
  ), whole AS MATERIALIZED (
    SELECT goes.n, order_id, store_id, json_agg(json_build_object('variantId', variant_id, 'quantity', quantity, 'tracked', tracked, 'cost', cost) ORDER BY variant_id) AS lines
    FROM goes GROUP BY goes.n, order_id, store_id
  ), kept AS (
    INSERT INTO reservation (order_id, store_id, status, ended_at, lines) SELECT order_id, store_id, 'committed', now(), lines FROM whole
  ), told AS (
    INSERT INTO outbox (id, type, subject, data, traceparent, request_id, actor)
    SELECT new_id(), 'catalog.stockMoved', order_id, stock_sold(order_id, store_id, currency, json_agg(sold_movement(movement_id, variant_id, -quantity, -cost, event_time()))), traceparent, request_id, actor
    FROM goes WHERE tracked GROUP BY order_id, store_id, currency, traceparent, request_id, actor
    UNION ALL
    SELECT new_id(), 'catalog.stockLow', variant_id, stock_low(store_id, variant_id, sku, display_name((SELECT p.name FROM product p WHERE p.id = product_id), name), available - quantity, reorder_point),
      traceparent, request_id, actor
    FROM goes WHERE tracked AND available > reorder_point AND available - quantity <= reorder_point
  ) SELECT a.n, CASE WHEN whole.lines IS NOT NULL THEN json_build_object('status', 'committed', 'lines', whole.lines) END AS answer
    FROM (SELECT line.n FROM line GROUP BY line.n) a LEFT JOIN whole USING (n)
  LOOP
    IF basket.answer IS NULL THEN behind := behind || basket.n; CONTINUE; END IF;
    n := basket.n;
    answer := basket.answer;
    RETURN NEXT;
  END LOOP;
  IF cardinality(behind) = 0 THEN RETURN; END IF;
  FOR basket IN SELECT a.* FROM json_to_recordset(asked) a(n int, "orderId" uuid, "storeId" uuid, variants uuid[], quantities bigint[], traceparent text, "requestId" text, actor text)
    WHERE a.n = ANY (behind) ORDER BY a.n
  LOOP
    n := basket.n;
    answer := take_stock(basket."orderId", basket."storeId", basket.variants, basket.quantities);
    PERFORM tell_taken(basket."orderId", basket."storeId", answer, basket.traceparent, basket."requestId", basket.actor);
    RETURN NEXT;
  END LOOP;
END $$;

-- Between the levels and the lines that draw on them a nested loop compared each with each, 2,304 times for 16 baskets of three: a quarter of the function's time.
-- What is looked up by key has no other way and keeps it. Before PostgreSQL 18 a way that is switched off counts as so dear that the plan would be compiled.
ALTER FUNCTION take_stocks(json) SET enable_nestloop = off SET jit = off;

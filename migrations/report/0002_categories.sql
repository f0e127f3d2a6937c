-- What a category is called now. What was sold keeps the name of its day in fact_sale_line; a report names the group by this one.
CREATE TABLE dim_category (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  name text NOT NULL,
  parent_id uuid,
  PRIMARY KEY (tenant_id, id)
);
SELECT platform.tenant_table('dim_category', 'INSERT, UPDATE');

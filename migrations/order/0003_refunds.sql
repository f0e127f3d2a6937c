-- Money that payment gave back apart from any goods. `is_booked`: it stands on the order. A refund that came before its sale was finished waits for it.
CREATE TABLE order_refund (
  tenant_id uuid NOT NULL,
  refund_id uuid NOT NULL,
  payment_id uuid NOT NULL,
  order_id uuid NOT NULL,
  amount_minor bigint NOT NULL CHECK (amount_minor > 0),
  reason text,
  at timestamptz NOT NULL,
  is_booked boolean NOT NULL DEFAULT false,
  PRIMARY KEY (tenant_id, refund_id, payment_id)
);
CREATE INDEX order_refund_of_order ON order_refund (tenant_id, order_id);
CREATE INDEX order_refund_waiting ON order_refund (at) WHERE NOT is_booked;
SELECT platform.tenant_table('order_refund', 'INSERT, UPDATE');
SELECT platform.worker_table('order_refund', 'SELECT');

import { expect, it } from "@jest/globals";
import { MergedLog } from "../../../scripts/merged-log.ts";

const line = (fields: object) => JSON.stringify({ level: "info", time: "2026-11-25T13:42:26.001Z", host: "vm", pid: 11, ...fields });

it("shows a node's line as a person reads it, and a stack as it is", () => {
  const log = new MergedLog();
  expect(log.readable("order-1", line({ level: "warn", module: "outbox", service: "order", reason: "PostgreSQL 57P01", msg: "events wait" }))).toBe("  order-1    13:42:26 warning: events wait  (service=order reason=PostgreSQL 57P01)");
  expect(log.readable("order-1", "    at somewhere")).toBe("  order-1        at somewhere");
});

it("calls nodes by their names, and says once what all of them notice of another", () => {
  const log = new MergedLog();
  log.readable("catalog-2", line({ pid: 22047, msg: "Serving" }));
  const left = { msg: "The node catalog-payment.vm-22047-aae90b has left" };
  expect(log.readable("order-1", line(left))).toBe("             13:42:26 The node catalog-2 has left");
  expect(log.readable("order-2", line({ ...left, time: "2026-11-25T13:42:27.500Z" }))).toBeUndefined();
  expect(log.readable("order-1", line({ ...left, time: "2026-11-25T13:45:00.000Z" }))).toBe("             13:45:00 The node catalog-2 has left");
});

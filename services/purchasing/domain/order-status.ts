export type Status = "draft" | "sent" | "partiallyReceived" | "received" | "closed" | "cancelled";
export type Move = "send" | "cancel" | "close" | "receive";

/** What can be done with a purchase order, and from where. */
export const MOVES: Readonly<Record<Move, readonly Status[]>> = {
  send: ["draft"],
  cancel: ["draft", "sent"], // once something has come, the rest is given up with close
  close: ["partiallyReceived", "received"],
  receive: ["sent", "partiallyReceived"],
};

/** Where an order stands by what has come of its lines; thousandths. */
export function receivedStatus(lines: readonly { quantity: number; received: number }[]): "sent" | "partiallyReceived" | "received" {
  if (lines.every((line) => line.received === line.quantity)) return "received";
  return lines.some((line) => line.received > 0) ? "partiallyReceived" : "sent";
}

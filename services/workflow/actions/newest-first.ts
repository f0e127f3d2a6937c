import { refuse } from "../../../lib/errors.ts";

/** Lists that grow at one end have one order. @throws invalid_request (400) for another */
export function newestFirst(sort: string | undefined): void {
  if (sort === undefined || sort === "-createdAt") return;
  throw refuse.invalid_request("There is no such sort order", { errors: [{ pointer: "/sort", code: "not_allowed", message: "must be -createdAt" }] });
}

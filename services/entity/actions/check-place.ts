import { refuse, type DomainError } from "../../../lib/errors.ts";
import { isCurrency, isTimezone } from "../domain/places.ts";
import { refuse as refuseEntity } from "../errors.ts";

/** Refuses a time zone or a currency that nobody knows. Helper of the commands of this folder.
 *  @throws invalid_timezone, invalid_currency (422) */
export function checkPlace({ timezone, currency }: { timezone?: string | undefined; currency?: string | undefined }): void {
  if (timezone !== undefined && !isTimezone(timezone)) throw refuseEntity.invalid_timezone(undefined, { pointer: "/timezone" });
  if (currency !== undefined && !isCurrency(currency)) throw refuseEntity.invalid_currency(undefined, { pointer: "/currency" });
}

export function invalidField(pointer: string, message: string): DomainError {
  return refuse.invalid_request(`${pointer}: ${message}`, { errors: [{ pointer, code: "wrong_format", message }] });
}

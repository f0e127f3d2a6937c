import { Errors } from "moleculer";
import { DomainError } from "../lib/errors.ts";

/** Gives a refusal that came from another node its class back. Compare `err.type` all the same: it holds the code. */
export class RefusalRegenerator extends Errors.Regenerator {
  override restoreCustomError(plain: Errors.PlainMoleculerError): Error {
    if (plain.name !== "DomainError") return undefined as unknown as Error; // the base class restores its own
    return new DomainError(plain.type ?? "internal", plain.code ?? 500, plain.message, (plain.data ?? {}) as Record<string, unknown>, plain.retryable);
  }
}

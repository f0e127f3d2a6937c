import { Type } from "typebox";
import { Nullable } from "./schemas.ts";

/** `reference` and `metadata` in a merge patch: null takes them (or one pair) away. */
export const ownDataPatch = {
  reference: Type.Optional(Nullable(Type.String({ minLength: 1, maxLength: 200 }))),
  metadata: Type.Optional(Nullable(Type.Record(Type.String({ minLength: 1, maxLength: 100 }), Nullable(Type.String({ maxLength: 500 })), { maxProperties: 50 }))),
};

import { Type } from "typebox";
import { Metadata, Nullable } from "./schemas.ts";

/** `reference` and `metadata` in a merge patch: null takes them (or one pair) away. */
export const ownDataPatch = {
  reference: Type.Optional(Nullable(Type.String({ minLength: 1, maxLength: 200 }))),
  metadata: Type.Optional(Nullable(Metadata(Nullable(Type.String({ maxLength: 500 }))))),
};

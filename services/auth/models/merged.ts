/** SQL: `metadata` after a merge patch in `parameter`. SQL NULL leaves it, JSON null empties it, a pair with null takes that pair away (RFC 7396). */
export const merged = (parameter: string): string =>
  `CASE WHEN ${parameter}::jsonb IS NULL THEN metadata WHEN ${parameter}::jsonb = 'null' THEN '{}' ELSE jsonb_strip_nulls(metadata || ${parameter}::jsonb) END`;

/** One SQL statement with a name: PostgreSQL plans it once per connection. Only files under `models/` make them. */
export interface Statement { readonly name: string; readonly text: string }
export const sql = (name: string, text: string): Statement => ({ name, text });

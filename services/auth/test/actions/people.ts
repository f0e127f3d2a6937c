import type { ResultOf } from "../../../../lib/contract.ts";
import type { Meta } from "../../../../mixins/call.ts";
import type { Actor, TestPlatform } from "../../../../test/support/platform.ts";
import type { authContract } from "../../contract.ts";

type Results = { [K in keyof typeof authContract.actions]: ResultOf<(typeof authContract.actions)[K]> };
export type Entered = Results["signUp"];

export const PASSWORD = "correct horse battery";
export const signUpBody = (slug: string, overrides: { email?: string; password?: string; timezone?: string; name?: string } = {}) => ({
  tenant: { name: overrides.name ?? slug, slug, country: "DE", currency: "EUR", timezone: overrides.timezone ?? "Europe/Berlin" },
  owner: { name: "Ada", email: overrides.email ?? `ada@${slug}.example`, password: overrides.password ?? PASSWORD },
});

/** Somebody without a credential. */
export const nobody = (platform: TestPlatform): Actor => ({ call: (name, params, meta: Partial<Meta> = {}) => platform.broker.call(name, params as never, { meta }) as never });
/** Somebody with this access token. */
export const holder = (platform: TestPlatform, accessToken: string): Actor => ({
  call: (name, params, meta: Partial<Meta> = {}) => platform.broker.call(name, params as never, { meta: { token: accessToken, ...meta } }) as never,
});
export const signUp = (platform: TestPlatform, slug: string, overrides = {}): Promise<Entered> => nobody(platform).call("auth.signUp", signUpBody(slug, overrides));

/** The built-in role of that name, by its id. */
export async function roleId(owner: Actor, name: string): Promise<string> {
  const { data } = await owner.call("auth.listRoles", {});
  return data.find((role) => role.name === name)!.id;
}
/** A new user with one built-in role, logged in. */
export async function colleague(platform: TestPlatform, owner: Actor, given: { email: string; role: string }): Promise<{ id: string; actor: Actor }> {
  const { id } = await owner.call("auth.createUser", { name: given.email.split("@")[0]!, email: given.email, password: PASSWORD, roleIds: [await roleId(owner, given.role)] });
  const { tokens } = await nobody(platform).call("auth.logIn", { email: given.email, password: PASSWORD });
  return { id, actor: holder(platform, tokens.accessToken) };
}

import { hash, verify } from "@node-rs/argon2";

/** OWASP's second choice for Argon2id (19 MiB, two passes, one lane): about 30 ms of one core, outside the event loop. The package's default algorithm is Argon2id. */
const COST = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

export const hashPassword = (password: string): Promise<string> => hash(normal(password), COST);

/** Always costs one hash: with no user behind the address the password is held against a hash that nothing fits. */
export async function passwordFits(password: string, kept: string | undefined): Promise<boolean> {
  const fits = await verify(kept ?? await nobody(), normal(password));
  return fits && kept !== undefined;
}

let decoy: Promise<string> | undefined;
const nobody = (): Promise<string> => (decoy ??= hash("nobody has this password", COST));

/** Computed before the first log-in, so that not even that one takes longer for an unknown address. */
export const prepareDecoy = async (): Promise<void> => void await nobody();

// One password typed on two keyboards may come as different code points (NIST SP 800-63B, 3.1.1.2).
const normal = (password: string): string => password.normalize("NFKC");

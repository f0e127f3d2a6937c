/** A small REST client for the scripts and benches: JSON in, JSON out, problems thrown with what the server said. */
export interface Answer<T = Record<string, never>> { status: number; headers: Headers; body: T }

export class ProblemError extends Error {
  readonly status: number;
  readonly code: string;
  constructor(method: string, path: string, status: number, problem: { code?: string; detail?: string }) {
    super(`${method} ${path} → ${status} ${problem.code ?? ""}: ${problem.detail ?? ""}`);
    this.status = status;
    this.code = problem.code ?? "";
  }
}

export class Client {
  readonly base: string;
  token: string | undefined;
  constructor(base: string, token?: string) {
    this.base = base;
    this.token = token;
  }

  /** @throws ProblemError for any status from 400 on */
  async send<T = Record<string, any>>(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer<T>> {
    const response = await fetch(this.base + path, {
      method,
      headers: { ...(body === undefined ? {} : { "content-type": "application/json" }), ...(this.token ? { authorization: `Bearer ${this.token}` } : {}), ...headers },
      ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    const isJson = /json/.test(response.headers.get("content-type") ?? "");
    const parsed = (isJson && text ? JSON.parse(text) : text) as T;
    if (response.status >= 400) throw new ProblemError(method, path, response.status, parsed as { code?: string });
    return { status: response.status, headers: response.headers, body: parsed };
  }

  get = async <T = Record<string, any>>(path: string) => (await this.send<T>("GET", path)).body;
  post = async <T = Record<string, any>>(path: string, body: unknown, headers?: Record<string, string>) => (await this.send<T>("POST", path, body, headers)).body;
  patch = async <T = Record<string, any>>(path: string, body: unknown, headers?: Record<string, string>) => (await this.send<T>("PATCH", path, body, headers)).body;
}

/** A new tenant with one store, signed in as its owner. */
export async function openShop(base: string, given: { name: string; currency?: string; country?: string; timezone?: string; store?: Record<string, unknown> }): Promise<{ client: Client; storeId: string; email: string; password: string; slug: string }> {
  const client = new Client(base);
  const slug = `${given.name.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-")}-${Date.now().toString(36)}${Math.floor(Math.random() * 1e6).toString(36)}`;
  const email = `owner@${slug}.example`, password = "correct horse battery";
  const signup = await client.post("/v1/signup", {
    tenant: { name: given.name, slug, country: given.country ?? "DE", currency: given.currency ?? "EUR", timezone: given.timezone ?? "Europe/Berlin" },
    owner: { name: "Olive Owner", email, password },
  });
  client.token = signup.tokens.accessToken;
  const store = await client.post("/v1/stores", { code: "S1", name: "Main street", ...given.store });
  return { client, storeId: store.id, email, password, slug };
}

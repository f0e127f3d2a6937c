import type { KubernetesObject } from "./kubernetes.ts";

interface Complaint { readonly instancePath: string; readonly message?: string; readonly keyword: string; readonly params: object }
type Validate = ((data: unknown) => boolean) & { errors?: Complaint[] | null };

/** `apps/v1` Deployment → IoK8sApiAppsV1Deployment: how the package of the Kubernetes schemas names its files. */
function schemaName({ apiVersion, kind }: KubernetesObject): string {
  const [group, version] = apiVersion.includes("/") ? apiVersion.split("/") as [string, string] : ["core", apiVersion];
  const capital = (word: string) => word[0]!.toUpperCase() + word.slice(1);
  return `IoK8sApi${capital(group.split(".")[0]!)}${capital(version)}${kind}`;
}

/** What the API server would refuse, or (with `strict` field validation) warn of: one sentence each. */
export async function schemaErrors(object: KubernetesObject): Promise<string[]> {
  const where = `${object.kind} ${object.metadata?.name}`;
  const { validate } = await import(`kubernetes-models/_schemas/${schemaName(object)}`) as { validate: Validate };
  const { looked, seen } = watched(object);
  if (!validate(looked)) return validate.errors!.map(({ instancePath, keyword, params }) => `${where}${instancePath}: ${keyword} ${JSON.stringify(params)}`);
  return unseen(object, seen).map((path) => `${where}: no field ${path}`);
}

/** The schemas say nothing against a field that they do not know. But they never look at it either. */
function watched(root: object): { looked: object; seen: Map<object, Set<string>> } {
  const seen = new Map<object, Set<string>>();
  const watch = (value: unknown): unknown => {
    if (typeof value !== "object" || value === null) return value;
    const fields = seen.get(value) ?? new Set<string>();
    seen.set(value, fields);
    return new Proxy(value, { get: (of, name) => { if (typeof name === "string") fields.add(name); return watch(Reflect.get(of, name)); } });
  };
  return { looked: watch(root) as object, seen };
}

function unseen(value: object, seen: Map<object, Set<string>>, path = ""): string[] {
  return Object.entries(value).flatMap(([name, inner]: [string, unknown]) => {
    const here = `${path}/${name}`;
    if (!seen.get(value)?.has(name)) return [here];
    return typeof inner === "object" && inner !== null ? unseen(inner, seen, here) : [];
  });
}

import type { TSchema } from "typebox";
import type { Node } from "../node/broker.ts";
import { CONSOLE } from "../node/key-ring.ts";
import { contracts } from "../services/contracts.ts";
import { act, showDeadLetters, showSagas, type Deed } from "./operator-commands.ts";

/** The tenant that `call` acts for, as the chosen person at the console: a service identity, so that internal actions can be tried too. */
let tenantId: string | undefined;
/** Lines that are piped in come all at once: a call waits for the tenant that the line before it chooses, and the end for all of them. */
let choosing: Promise<unknown> = Promise.resolve();
const underWay = new Set<Promise<unknown>>();

export const allAnswered = (): Promise<unknown> => Promise.allSettled([...underWay]);

function keep<T>(work: Promise<T>): Promise<T> {
  underWay.add(work);
  work.catch(() => undefined).finally(() => underWay.delete(work));
  return work;
}
const PLATFORM_TENANT = "00000000-0000-0000-0000-000000000000";

const camel = (name: string) => name.replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());

/** Lets the REPL's own `call` act for the chosen tenant, and accept action names as the files are named. */
export function useChosenTenant(node: Node): void {
  const call = node.broker.call.bind(node.broker);
  node.broker.call = ((name: string, params: unknown, options: { meta?: Record<string, unknown> } = {}) => {
    if (!options.meta?.$repl) return call(name, params as never, options as never);
    return keep(choosing.then(() => {
      const token = node.platform.tokens.forService(CONSOLE, tenantId ?? PLATFORM_TENANT);
      return call(camel(name), params as never, { ...options, meta: { token } } as never);
    }));
  }) as typeof node.broker.call;
}

interface Command { command: string; description: string; alias?: string[]; action(broker: unknown, args: Record<string, string>): unknown }

export function replCommands(node: Node): Command[] {
  const deed = (name: Deed, description: string): Command => ({ command: `${name} <id>`, description, action: (_, { id }) => keep(act(node, name, id!, console.log)) });
  return [
    { command: "tenant <slug>", description: "Choose the tenant by its slug", action: (_, { slug }) => (choosing = keep(chooseTenant(node, slug!))) },
    { command: "describe <name>", description: "What an action takes and answers, out of its contract", alias: ["contract"], action: (_, { name }) => console.log(describe(camel(name!))) },
    { command: "dead-letters", description: "Events that could not be applied, of all tenants", action: () => keep(showDeadLetters(node, console.log)) },
    { command: "sagas", description: "Sagas that are stuck or wait, of all tenants", action: () => keep(showSagas(node, console.log)) },
    deed("resend", "Apply a dead letter once more"), deed("discard", "Remove a dead letter"), deed("resume", "Let a stuck saga go on"),
  ];
}

async function chooseTenant(node: Node, slug: string): Promise<void> {
  const token = node.platform.tokens.forService(CONSOLE, PLATFORM_TENANT);
  try {
    const found = await node.broker.call<{ tenantId: string }, { slug: string }>("entity.resolveSlug", { slug }, { meta: { token } });
    tenantId = found.tenantId;
    console.log(`Acting for ${slug} (${tenantId}).`);
  } catch (error) {
    console.log(`No tenant has the slug ${slug}: ${(error as Error).message}`);
  }
}

/** Typed help: the same schema that the validator runs and OpenAPI shows. */
export function describe(name: string): string {
  const [service, action] = name.split(".");
  const found = contracts.find((contract) => contract.name === service)?.actions[action ?? ""];
  if (!found) return `There is no action ${name}. \`actions\` lists them.`;
  return [
    `${name}: ${found.summary}`,
    found.rest ? `REST        ${found.rest}` : "REST        none: internal",
    `permission  ${found.permission}`,
    `parameters  ${typeText(found.params)}`,
    `result      ${typeText(found.result)}`,
    `errors      ${found.errors?.join(", ") || "only those of every action"}`,
    ...(found.example ? [`example     call ${name} '${JSON.stringify(found.example)}'`] : []),
  ].join("\n");
}

interface Shape { type?: string; const?: unknown; enum?: unknown[]; anyOf?: TSchema[]; items?: TSchema; properties?: Record<string, TSchema>; required?: string[]; description?: string }

function typeText(schema: TSchema, depth = 1): string {
  const shape = schema as Shape;
  if (shape.const !== undefined) return JSON.stringify(shape.const);
  if (shape.enum) return shape.enum.map((value) => JSON.stringify(value)).join(" | ");
  if (shape.anyOf) return shape.anyOf.map((item) => typeText(item, depth)).join(" | ");
  if (shape.items) return `[${typeText(shape.items, depth)}]`;
  if (shape.properties) return objectText(shape.properties, shape.required ?? [], depth);
  return (shape.type ?? "any") + (shape.description ? ` (${shape.description})` : "");
}

function objectText(properties: Record<string, TSchema>, required: string[], depth: number): string {
  const pad = "  ".repeat(depth + 5);
  const fields = Object.entries(properties).map(([name, item]) => `${pad}${name}${required.includes(name) ? "" : "?"}: ${typeText(item, depth + 1)}`);
  return fields.length ? `{\n${fields.join("\n")}\n${pad.slice(2)}}` : "{}";
}

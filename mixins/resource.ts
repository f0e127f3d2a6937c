import type { Service, ServiceSchema } from "moleculer";
import DbService from "moleculer-db";
import SqlAdapter from "moleculer-db-adapter-sequelize";
import { DataTypes, Op, fn, literal, type Model, type ModelAttributes, type ModelStatic, type WhereOptions } from "sequelize";
import { invariant, refuse, typeOf } from "../lib/errors.ts";
import { platformOf } from "../node/platform.ts";
import type { Ctx } from "./call.ts";
import { LIMIT_DEFAULT, page, readCursor } from "./cursor.ts";
import { asRefusal } from "./database-refusal.ts";
import { mergePatch, refuseTooMuch } from "./merge-patch.ts";

/** The columns that every plain resource has: `reference` and `metadata` are the client's own, `version` is the ETag. */
export interface Stamped {
  id: string;
  reference: string | null;
  metadata: Record<string, string>;
  createdAt: string;
  updatedAt: string;
  version: number;
  archivedAt: string | null;
}
export interface ResourceDefinition {
  /** Singular, for the messages: "store". */
  readonly kind: string;
  readonly table: string;
  /** The columns besides those of `Stamped`; camelCase names, snake_case in the table. */
  readonly attributes: ModelAttributes;
  /** Orders that a client may ask for, besides `createdAt`. Their column is NOT NULL. */
  readonly sorts?: readonly string[];
  /** Unique constraint → the field that it speaks of. */
  readonly unique?: Readonly<Record<string, string>>;
}
export interface ListParams { limit?: number | undefined; cursor?: string | undefined; sort?: string | undefined }
type Fields<R> = Omit<Partial<R>, "createdAt" | "updatedAt" | "version" | "archivedAt">;

/** One kind of plain resource. Everything runs in the tenant's transaction that is open: call it from a `command` or a `query`. */
export interface Resource<R extends Stamped> {
  readonly definition: ResourceDefinition;
  /** @throws already_exists (409) with the pointer of the field */
  create(ctx: Ctx, fields: Fields<R> & { id: string }): Promise<R>;
  /** @throws not_found (404) */
  get(ctx: Ctx, id: string): Promise<R>;
  /** A page of those that are not archived and equal every filter given. @throws invalid_cursor, invalid_request (unknown sort) */
  list<T>(ctx: Ctx, params: ListParams, options: { map: (row: R) => T; filters?: Record<string, unknown>; where?: WhereOptions }): Promise<{ data: T[]; nextCursor: string | null }>;
  /** Merges a partial body (RFC 7396) under a row lock; `If-Match` is held against the version. `check` sees the row as it will be.
   *  @throws not_found, stale (412), already_exists */
  patch(ctx: Ctx, id: string, partial: object, check?: (next: R, now: R) => void): Promise<R>;
  /** Hides it from the lists; what refers to it still finds it. @throws not_found, stale */
  archive(ctx: Ctx, id: string): Promise<R>;
  /** @throws not_found, stale, in_use (409) when a row refers to it */
  remove(ctx: Ctx, id: string): Promise<void>;
}

interface DbMethods {
  _create(ctx: Ctx, fields: object): Promise<Record<string, unknown>>;
  _get(ctx: Ctx, params: { id: string }): Promise<Record<string, unknown>>;
  _update(ctx: Ctx, params: object): Promise<Record<string, unknown>>;
  _remove(ctx: Ctx, params: { id: string }): Promise<unknown>;
}
interface Host extends DbMethods { adapter: TenantAdapter }
const hosts = new WeakMap<object, Map<string, Host>>();

export function defineResource<R extends Stamped>(definition: ResourceDefinition): Resource<R> {
  const run = async <T>(ctx: Ctx, work: (host: Host) => Promise<T>): Promise<T> => {
    try {
      return await work(hostOf(ctx, definition));
    } catch (error) {
      throw translate(definition, error);
    }
  };
  return {
    definition,
    create: (ctx, fields) => run(ctx, async (host) => plain<R>(await host._create(ctx, fields))),
    get: (ctx, id) => run(ctx, async (host) => plain<R>(await host._get(ctx, { id }))),
    list: (ctx, params, options) => run(ctx, (host) => list<R, never>(ctx, host, definition, params, options as never)) as never,
    patch: (ctx, id, partial, check) => run(ctx, async (host) => {
      const now = await lock<R>(ctx, host, id);
      const next = mergePatch(now, partial) as R;
      refuseTooMuch(next.metadata ?? {});
      check?.(next, now);
      const changed = Object.fromEntries(Object.keys(partial).map((name) => [name, next[name as keyof R] ?? (name === "metadata" ? {} : null)]));
      return plain<R>(await host._update(ctx, { ...changed, id }));
    }),
    archive: (ctx, id) => run(ctx, async (host) => {
      const now = await lock<R>(ctx, host, id);
      return now.archivedAt ? now : plain<R>(await host._update(ctx, { id, archivedAt: NOW }));
    }),
    remove: (ctx, id) => run(ctx, async (host) => {
      await lock<R>(ctx, host, id);
      await host._remove(ctx, { id });
    }),
  };
}

/** Mixin: moleculer-db in this service for these resources, in the tenant's transaction, with none of its automatic actions:
 *  they would take any column as a filter and any field as a change. */
export function resources(definitions: readonly ResourceDefinition[]): Partial<ServiceSchema> {
  return {
    mixins: [DbService as unknown as Partial<ServiceSchema>],
    settings: { idField: "id" },
    actions: { find: false, count: false, list: false, create: false, insert: false, get: false, update: false, remove: false },
    methods: {
      // The cache would be cleared before the commit, and a reader could fill it again with the old row. Nothing here is cached.
      clearCache: () => Promise.resolve(),
    },
    merged(schema: ServiceSchema & { adapter?: unknown }) {
      schema.adapter = new TenantAdapter(); // a value in the schema would be deep-cloned
    },
    async started(this: Service) {
      hosts.set(this, new Map(definitions.map((definition) => [definition.table, hostFor(this, definition)])));
    },
  } as unknown as Partial<ServiceSchema>;
}

/** moleculer-db keeps one adapter per service: each resource is a view of the service that differs in nothing but its adapter. */
function hostFor(service: Service, definition: ResourceDefinition): Host {
  const host = Object.create(service) as Host & Record<string, unknown>;
  host.adapter = new TenantAdapter();
  host.adapter.use(service, definition);
  for (const method of Object.keys((DbService as unknown as { methods: object }).methods)) {
    host[method] = (service.schema.methods as Record<string, (...args: unknown[]) => unknown>)[method]!.bind(host);
  }
  return host;
}

/** The Sequelize adapter on the pool that the service has already: it opens none, makes no table and closes nothing. */
class TenantAdapter extends SqlAdapter {
  declare model: ModelStatic<Model>;

  constructor() {
    super({});
  }

  override init(): void {}

  override connect(): Promise<void> {
    return Promise.resolve();
  }

  override disconnect(): Promise<void> {
    return Promise.resolve();
  }

  use(service: Service, definition: ResourceDefinition): void {
    const { sequelize } = platformOf(service.broker).database(service.name);
    this.model = sequelize.define(definition.table, { ...STAMPS, ...definition.attributes }, { tableName: definition.table }) as ModelStatic<Model>;
  }

  /** One statement instead of read and write; the version goes up with every change. */
  override async updateById(id: string, { $set }: { $set: object }): Promise<object> {
    const [, rows] = await this.model.update({ ...$set, version: literal("version + 1"), updatedAt: NOW } as never, { where: { id }, returning: true });
    return rows[0] as object; // undefined is moleculer-db's "not found"
  }
}

const NOW = fn("now");
const STAMPS: ModelAttributes = {
  id: { type: DataTypes.UUID, primaryKey: true },
  reference: DataTypes.TEXT,
  metadata: { type: DataTypes.JSONB, allowNull: false, defaultValue: {} },
  createdAt: { type: DataTypes.DATE, defaultValue: NOW },
  updatedAt: { type: DataTypes.DATE, defaultValue: NOW },
  version: { type: DataTypes.INTEGER, defaultValue: 1 },
  archivedAt: DataTypes.DATE,
};

function hostOf(ctx: Ctx, definition: ResourceDefinition): Host {
  const host = ctx.service && hosts.get(ctx.service)?.get(definition.table);
  invariant(host, `the service has no resource ${definition.table}`);
  return host;
}

async function lock<R extends Stamped>(ctx: Ctx, host: Host, id: string): Promise<R> {
  const row = await host.adapter.model.findByPk(id, { lock: true });
  if (!row) throw refuse.not_found();
  const now = plain<R>(row.get({ plain: true }) as Record<string, unknown>);
  if (ctx.meta.ifMatch !== undefined && ctx.meta.ifMatch !== now.version) throw refuse.stale();
  return now;
}

async function list<R extends Stamped, T>(ctx: Ctx, host: Host, definition: ResourceDefinition, params: ListParams, options: {
  map: (row: R) => T; filters?: Record<string, unknown>; where?: WhereOptions;
}): Promise<{ data: T[]; nextCursor: string | null }> {
  const { limit = LIMIT_DEFAULT, sort = "-createdAt" } = params;
  const order = orderOf(definition, sort);
  const name = `${definition.table} ${sort}`;
  const after = readCursor(ctx, name, params.cursor);
  const filters = Object.entries(options.filters ?? {}).filter(([, value]) => value !== undefined);
  const where = { [Op.and]: [{ archivedAt: null }, Object.fromEntries(filters), options.where ?? {}, after ? behind(order, after) : {}] };
  const rows = await host.adapter.model.findAll({ where, limit: limit + 1, order: order.fields.map((field) => [field, order.descending ? "DESC" : "ASC"]) });
  const found = rows.map((row) => plain<R>(row.get({ plain: true }) as Record<string, unknown>));
  return page(ctx, name, { rows: found, limit, key: (row) => order.fields.map((field) => row[field as keyof R] as string), map: options.map });
}

interface Order { readonly fields: readonly string[]; readonly descending: boolean }

/** Ids are UUIDv7: their order is that of creation, and the primary key serves it. */
function orderOf(definition: ResourceDefinition, sort: string): Order {
  const descending = sort.startsWith("-"), field = sort.slice(descending ? 1 : 0);
  if (field === "createdAt") return { fields: ["id"], descending };
  if (definition.sorts?.includes(field)) return { fields: [field, "id"], descending };
  throw refuse.invalid_request("There is no such sort order", { errors: [{ pointer: "/sort", code: "not_allowed", message: `must be one of ${["createdAt", ...definition.sorts ?? []].join(", ")}, with - for descending` }] });
}

/** The rows behind a key: (a, b) > (x, y), written out. */
function behind({ fields, descending }: Order, key: readonly unknown[]): WhereOptions {
  const beyond = descending ? Op.lt : Op.gt;
  const [first, second] = fields as [string, string | undefined];
  const past = { [first]: { [beyond]: key[0] } };
  return second ? { [Op.or]: [past, { [first]: key[0], [second]: { [beyond]: key[1] } }] } as WhereOptions : past as WhereOptions;
}

/** Instants as RFC 3339 text, as everywhere else. */
function plain<R>(row: Record<string, unknown>): R {
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, value instanceof Date ? value.toISOString() : value])) as R;
}

function translate(definition: ResourceDefinition, error: unknown): unknown {
  if (error instanceof Error && error.name === "EntityNotFoundError") return refuse.not_found();
  const refusal = asRefusal(error);
  const constraint = typeOf(refusal) === "already_exists" ? (refusal as { data: { constraint?: string } }).data.constraint : undefined;
  const pointer = constraint && definition.unique?.[constraint];
  return pointer ? refuse.already_exists(`There is a ${definition.kind} with this ${pointer.slice(1)} already`, { pointer }) : refusal;
}

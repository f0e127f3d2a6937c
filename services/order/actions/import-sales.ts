import type { ParamsOf, ResultOf } from "../../../lib/contract.ts";
import { refuse } from "../../../lib/errors.ts";
import { newId } from "../../../lib/ids.ts";
import { exponentOf } from "../../../lib/money.ts";
import { identityOf } from "../../../middlewares/identity.ts";
import { callAs, type Ctx } from "../../../mixins/call.ts";
import type { Tx } from "../../../mixins/database.ts";
import { handler, inTenant } from "../../../mixins/handlers.ts";
import type { orderContract } from "../contract.ts";
import type { StoreContext } from "../domain/draft.ts";
import { half, importedFact, importedOrder, priceImportedLine, type ImportedDocument, type KnownVariant, type PricedImport, type Terms } from "../domain/imported-sale.ts";
import { buyersByReference, claimNumbers, importBacklog, insertImportedReturns, insertImportedSales, type Buyer } from "../models/import-sales.model.ts";

type Params = ParamsOf<(typeof orderContract)["actions"]["importSales"]>;
type Outcome = ResultOf<(typeof orderContract)["actions"]["importSales"]>;
type Rejected = Outcome["rejected"];
interface Priced { readonly document: ImportedDocument; readonly lines: readonly PricedImport[] }

/** Two batches wait for the reports at most: each is some megabytes in the relay's memory. */
const BACKLOG_MAX = 2;
const BACKLOG_LOOK_MS = 25;
const BACKLOG_PATIENCE_MS = 5_000;
const VARIANTS_MAX = 5_000;

/** One batch of history: sales with their own times, negative lines as returns. Permission: internal; idempotent per document number and store; emits one order.imported.
 *  No stock is touched, no tax set, no message sent. Counts are lines.
 *  @throws not_found (the store), unavailable (503): the reports are behind, ask again */
export const importSales = handler<typeof orderContract, "importSales">(async ({ storeId, importKey, documents }, ctx) => {
  const host = { broker: ctx.broker, service: "order", tenantId: identityOf(ctx).tenantId, requestId: ctx.meta.requestId };
  const store = await callAs(host, "entity.storeContext", { storeId });
  const terms: Terms = { storeId, currency: store.currency, decimals: exponentOf(store.currency), rounding: store.rounding.mode };
  await roomForMore(ctx);
  const { priced, rejected } = priceAll(documents, terms);
  const variants = await variantsOf(host, priced, terms);
  return inTenant(ctx, (tx) => write(tx, { store, terms, importKey, priced, rejected, variants }));
});

/** Waits until the projection has caught up, so that a long import costs bounded memory. */
async function roomForMore(ctx: Ctx): Promise<void> {
  const deadline = Date.now() + BACKLOG_PATIENCE_MS;
  while ((await inTenant(ctx, importBacklog)) >= BACKLOG_MAX) {
    if (Date.now() > deadline) throw refuse.unavailable("The reports are behind: the import goes on in a moment", { reason: "backlog" });
    await new Promise((wake) => setTimeout(wake, BACKLOG_LOOK_MS));
  }
}

function priceAll(documents: Params["documents"], terms: Terms): { priced: Priced[]; rejected: Rejected } {
  const rejected: Rejected = [];
  const priced = documents.map((document) => ({
    document,
    lines: document.lines.flatMap((line) => {
      const one = priceImportedLine(line, terms);
      if (!one) rejected.push({ line: line.line, code: "amount_out_of_range", message: "Quantity or price cannot be kept exactly" });
      return one ?? [];
    }),
  }));
  return { priced: priced.filter(({ lines }) => lines.length > 0), rejected };
}

async function variantsOf(host: Parameters<typeof callAs>[0], priced: readonly Priced[], terms: Terms): Promise<Map<string, KnownVariant>> {
  const wanted = new Map<string, { sku: string; name: string; priceMinor: number; currency: string }>();
  for (const { line, unitPriceMinor } of priced.flatMap(({ lines }) => lines)) {
    const { sku, name } = line, known = wanted.get(sku);
    if (!known) wanted.set(sku, { sku, name, priceMinor: unitPriceMinor, currency: terms.currency });
    else if (!known.name) known.name = name;
  }
  const all = [...wanted.values()].map((variant) => ({ ...variant, name: variant.name || variant.sku }));
  const found = new Map<string, KnownVariant>();
  for (let from = 0; from < all.length; from += VARIANTS_MAX) {
    const { variants } = await callAs(host, "catalog.ensureVariants", { variants: all.slice(from, from + VARIANTS_MAX) });
    for (const { sku, ...variant } of variants) found.set(sku, variant);
  }
  return found;
}

interface Batch { store: StoreContext; terms: Terms; importKey: string; priced: readonly Priced[]; rejected: Rejected; variants: ReadonlyMap<string, KnownVariant> }

async function write(tx: Tx, batch: Batch): Promise<Outcome> {
  const { terms, importKey, priced } = batch;
  const { fresh, again, known } = await claimNumbers(tx, terms.storeId, importKey, [...new Set(priced.map(({ document }) => document.number))]);
  const news = priced.filter(({ document }) => fresh.has(document.number));
  if (news.length) await insert(tx, batch, news);
  const linesOf = (which: (number: string) => boolean) => priced.reduce((sum, { document, lines }) => sum + (which(document.number) ? lines.length : 0), 0);
  const taken = priced.filter(({ document }) => !fresh.has(document.number) && !known.has(document.number));
  return {
    imported: linesOf((number) => fresh.has(number) || again.has(number)), skipped: linesOf((number) => known.has(number) && !again.has(number)),
    rejected: [...batch.rejected, ...taken.flatMap(({ lines }) => lines.map(({ line }) => ({ line: line.line, code: "number_taken", message: "A document of this store has this number and was not imported" })))],
  };
}

async function insert(tx: Tx, { store, terms, variants }: Batch, news: readonly Priced[]): Promise<void> {
  const buyers = await buyersByReference(tx, [...new Set(news.flatMap(({ document }) => document.customer ?? []))]);
  const buyerOf = ({ customer }: ImportedDocument): Buyer | null => (customer === null ? null : buyers.get(customer)!);
  const sales = news.flatMap(({ document, lines }) => half(document, lines.filter((line) => line.quantityThousandths > 0), variants, newId) ?? []);
  const returns = news.flatMap(({ document, lines }) => half(document, lines.filter((line) => line.quantityThousandths < 0), variants, newId) ?? []);
  const now = new Date().toISOString();
  await insertImportedSales(tx, terms, sales.map((sale) => {
    const buyer = buyerOf(sale.document), customerId = buyer?.id ?? null;
    return { half: sale, customerId, document: importedOrder(sale, customerId, terms, now), context: contextOf(store, sale.document, buyer) };
  }));
  await insertImportedReturns(tx, terms, returns);
  const documents = [...sales.map((sale) => importedFact("sale", sale, buyerOf(sale.document), terms)), ...returns.map((back) => importedFact("return", back, buyerOf(back.document), terms))];
  tx.emit({ type: "order.imported", subject: terms.storeId, data: { documents } });
}

function contextOf(store: StoreContext, document: ImportedDocument, buyer: Buyer | null) {
  const { code, storeName, tenantName, timezone, cashRounding, pricesIncludeTax } = store;
  return {
    storeCode: code, storeName, tenantName, timezone, cashRounding, pricesIncludeTax, hour: document.hour, employeeId: null, customerName: buyer?.name ?? null, country: document.country, roundingMode: store.rounding.mode,
  };
}

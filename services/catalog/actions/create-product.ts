import type { ParamsOf, ResultOf } from "../../../lib/contract.ts";
import { newId } from "../../../lib/ids.ts";
import { quantityToThousandths } from "../../../lib/quantity.ts";
import { command } from "../../../mixins/handlers.ts";
import type { catalogContract } from "../contract.ts";
import { barcodeKey } from "../domain/variant-rules.ts";
import { insertProducts, type NewVariant } from "../models/products.ts";
import { describedOfProducts } from "../models/variants.ts";
import { checkReferences, checkVariants, withTakenNames } from "./check-variants.ts";
import { emitChanged } from "./variant-changed.ts";

type Contract = typeof catalogContract;
type Create = Contract["actions"]["createProduct"];
export type Product = ResultOf<Create>;
type VariantIn = ParamsOf<Create>["variants"][number];

/** Creates a product with its variants. Permission catalog.products.write. Emits catalog.variantChanged per variant.
 *  @throws not_found (category, tax rate), currency_mismatch, barcode_check_digit, sku_taken, barcode_taken */
export const createProduct = withTakenNames(command<Contract, "createProduct">(async (tx, { variants, ...product }) => {
  await checkReferences(tx, product);
  await checkVariants(tx, variants, (index) => `/variants/${index}`);
  const id = newId();
  const documents = await insertProducts<Product>(tx, [{ ...product, id, variants: variants.map(asNewVariant) }]);
  emitChanged(tx, await describedOfProducts(tx, [id]));
  return documents.get(id)!;
}));

function asNewVariant({ price, cost, reorderPoint, barcode, ...variant }: VariantIn, position: number): NewVariant {
  return {
    ...variant, id: newId(), position, barcode, barcodeKey: barcodeKey(barcode), priceMinor: price.amount, currency: price.currency, costMinor: cost?.amount,
    reorderPoint: reorderPoint === undefined || reorderPoint === null ? null : quantityToThousandths(reorderPoint),
  };
}

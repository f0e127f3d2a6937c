import type { DATE_FORMATS, IMPORT_TYPES } from "../contract.ts";

export type ImportType = (typeof IMPORT_TYPES)[number];
export type DateFormat = (typeof DATE_FORMATS)[number];
/** How a file's columns map to fields. A field without a column is empty. */
export interface Mapping { readonly columns: Readonly<Record<string, string>>; readonly dateFormat: DateFormat; readonly delimiter: string }
export interface NamedMapping extends Mapping { readonly name: string; readonly type: ImportType }

/** The fields of each type: true is required. */
export const FIELDS: Readonly<Record<ImportType, Readonly<Record<string, boolean>>>> = {
  sales: { number: true, sku: true, name: false, quantity: true, at: true, unitPrice: true, customer: false, country: false },
  products: { sku: true, name: true, barcode: false, price: false, cost: false, category: false, taxRate: false, reorderPoint: false },
  inventory: { sku: true, quantity: true, unitCost: false },
  customers: { name: true, reference: false, email: false, phone: false, taxNumber: false, street: false, city: false, region: false, postalCode: false, country: false },
  suppliers: { name: true, reference: false, email: false, currency: false, leadTimeDays: false, paymentTerms: false },
};

const builtIn = (name: string, type: ImportType, columns: Record<string, string>): NamedMapping => ({ name, type, columns, dateFormat: "iso", delimiter: "," });

const ONLINE_RETAIL = { number: "InvoiceNo", sku: "StockCode", name: "Description", quantity: "Quantity", at: "InvoiceDate", unitPrice: "UnitPrice", customer: "CustomerID", country: "Country" };

/** One for each sample, to read, copy and change. */
export const BUILT_IN: readonly NamedMapping[] = [
  builtIn("onlineRetail", "sales", ONLINE_RETAIL),
  builtIn("onlineRetailProducts", "products", { sku: "stock_code", name: "usual_description", price: "usual_unit_price" }),
  builtIn("barcodes", "products", { sku: "barcode", name: "product_name", barcode: "barcode" }),
  builtIn("northwindProducts", "products", { sku: "ProductID", name: "ProductName", price: "UnitPrice", category: "CategoryID", reorderPoint: "ReorderLevel" }),
  builtIn("northwindStock", "inventory", { sku: "ProductID", quantity: "UnitsInStock" }),
  builtIn("northwindCustomers", "customers", { reference: "CustomerID", name: "CompanyName", phone: "Phone", street: "Address", city: "City", region: "Region", postalCode: "PostalCode", country: "Country" }),
  builtIn("northwindSuppliers", "suppliers", { reference: "SupplierID", name: "CompanyName" }),
  builtIn("northwindPurchasingProducts", "products", { sku: "product_code", name: "product_name", price: "list_price", cost: "standard_cost", category: "category", reorderPoint: "reorder_level" }),
  builtIn("northwindPurchasingSuppliers", "suppliers", { reference: "id", name: "company" }),
];

/** Without a mapping: sales take the UCI names, everything else columns named like the fields. */
export function defaultMapping(type: ImportType): Mapping {
  if (type === "sales") return BUILT_IN[0]!;
  return { columns: Object.fromEntries(Object.keys(FIELDS[type]).map((field) => [field, field])), dateFormat: "iso", delimiter: "," };
}

/** What is wrong with a mapping, in words; undefined when it fits its type. */
export function mappingFault(type: ImportType, columns: Readonly<Record<string, string>>): string | undefined {
  const fields = FIELDS[type];
  const unknown = Object.keys(columns).find((field) => !Object.hasOwn(fields, field));
  if (unknown !== undefined) return `${unknown} is no field of ${type}: the fields are ${Object.keys(fields).join(", ")}`;
  const missing = Object.keys(fields).find((field) => fields[field] && !columns[field]);
  return missing === undefined ? undefined : `The field ${missing} has no column`;
}

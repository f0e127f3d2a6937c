/** The chart of accounts: the same for every tenant. A number here is a number in the CHECK of `ledger_entry.account`. */
export const ACCOUNTS = [
  { code: 1000, name: "Cash", kind: "asset" },
  { code: 1100, name: "Card clearing", kind: "asset" },
  { code: 1150, name: "External terminal clearing", kind: "asset" },
  { code: 2200, name: "Tax payable", kind: "liability" },
  { code: 4000, name: "Sales revenue", kind: "revenue" },
  { code: 4900, name: "Cash rounding", kind: "revenue" },
] as const;

export type AccountCode = (typeof ACCOUNTS)[number]["code"];
export type Method = "cash" | "card" | "external";

export const SALES: AccountCode = 4000, TAX: AccountCode = 2200, ROUNDING: AccountCode = 4900;
/** Where the money of a tender lies. */
export const TENDER_ACCOUNT: Readonly<Record<Method, AccountCode>> = { cash: 1000, card: 1100, external: 1150 };

export const accountName = (code: number): string => ACCOUNTS.find((account) => account.code === code)?.name ?? String(code);

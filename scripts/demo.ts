import { openShop } from "./client.ts";

/* `npm run demo`: opens a tenant on a running platform, puts three things on the shelf, sells, takes one back, prints the receipt and the day. */
const BASE = process.env.BEAVEROS_URL ?? `http://127.0.0.1:${process.env.PORT ?? 3000}`;
const eur = (amount: number) => ({ amount, currency: "EUR" });

async function demo(): Promise<void> {
  const { client, storeId, email, password, slug } = await openShop(BASE, { name: "Demo shop" });
  console.log(`Tenant ${slug} is open: ${email} / ${password}`);

  const vat = await client.post("/v1/tax-rates", { name: "VAT", percent: 19 });
  const shelf = [["Mug, red", "MUG-RED", 1099, "4006381333931"], ["Tea, 100 g", "TEA-100", 549, null], ["Kettle", "KETTLE", 3990, null]] as const;
  const variants: string[] = [];
  for (const [name, sku, price, barcode] of shelf) {
    const product = await client.post("/v1/products", { name, taxRateId: vat.id, variants: [{ sku, price: eur(price), cost: eur(Math.round(price * 0.4)), ...(barcode ? { barcode } : {}) }] });
    variants.push(product.variants[0].id);
  }
  await client.post("/v1/inventory/adjustments", { storeId, reason: "opening", lines: variants.map((variantId) => ({ variantId, quantity: 20 })) });
  console.log("Three products, 20 of each on the shelf.");

  const order = await client.post("/v1/orders", {
    storeId, channel: "pos", lines: [{ variantId: variants[0], quantity: 2 }, { variantId: variants[1], quantity: 1, discount: { percent: 10, reason: "last day" } }, { variantId: variants[2], quantity: 1 }],
    payments: [{ method: "cash", tendered: eur(10000) }],
  }, { "idempotency-key": `demo-${Date.now()}` });
  console.log(`\nOrder ${order.number}: total ${order.total.amount / 100} ${order.total.currency}, change ${order.change.amount / 100}`);

  const card = await client.post("/v1/orders", { storeId, channel: "web", lines: [{ variantId: variants[2], quantity: 1 }], payments: [{ method: "card", card: { number: "4242424242424242" } }] });
  console.log(`Order ${card.number}: paid by card, ${card.payments[0].status}`);

  const back = await client.post(`/v1/orders/${order.id}/returns`, { lines: [{ lineId: order.lines[0].id, quantity: 1, restock: true }], reason: "a crack", refund: { method: "cash" } });
  console.log(`One mug came back: ${back.refund.amount.amount / 100} EUR refunded.\n`);

  console.log(await client.get<string>(`/v1/orders/${order.id}/receipt.txt`) as unknown as string);
  const report = await salesOfToday(client.get);
  console.log("The day, from the report service:", JSON.stringify(report, null, 2));
}

/** The projection is a moment behind: waits until both sales and the return stand in it. */
async function salesOfToday(get: (path: string) => Promise<Record<string, any>>): Promise<unknown> {
  for (let tries = 0; ; tries++) {
    const report = await get("/v1/reports/sales?groupBy=day");
    if ((report.totals?.orders === 2 && report.totals?.returns?.amount > 0) || tries > 50) return { asOf: report.asOf, totals: report.totals };
    await new Promise((wake) => setTimeout(wake, 100));
  }
}

try {
  await demo();
} catch (error) {
  const { cause, message } = error as Error & { cause?: { code?: string } };
  console.error(cause?.code === "ECONNREFUSED" ? `Nobody listens on ${BASE}: start the platform with npm start in another terminal, or set BEAVEROS_URL.` : message);
  process.exitCode = 1;
}

import repl from "moleculer-repl";
import { explain } from "../node/start.ts";
import { openConsole } from "./console.ts";
import { allAnswered, replCommands, useChosenTenant } from "./repl-commands.ts";

/* `npm run repl`: a console on the cluster that NATS_URL names; without it every service but the edge in this process, beside a running `npm start` or on a database of its own. */
async function main(): Promise<void> {
  const { node, where, close } = await openConsole();
  useChosenTenant(node);
  const leave = onceOnly(async () => { await allAnswered(); node.broker.stop = stop; await close(); });
  // `exit` stops the broker and ends the process; a database that was brought up for it must be stopped as well.
  const stop = node.broker.stop.bind(node.broker);
  node.broker.stop = leave as typeof stop;
  console.log(`\n  BeaverOS REPL, ${where}.\n  tenant <slug>            choose whose rows exist\n  actions                  all actions\n  describe <action>        parameters, result, permission and errors\n  call <action> '<json>'   order.place-order and order.placeOrder are the same\n  dead-letters, sagas      what could not be applied or finished; then resend, discard or resume <id>\n`);
  const server = repl(node.broker, { delimiter: "beaveros $", customCommands: replCommands(node) } as never) as unknown as { removeAllListeners(event: string): void; on(event: string, listener: () => void): void };
  server.removeAllListeners("exit");
  server.on("exit", () => void leave().then(() => process.exit(0)));
}

function onceOnly(work: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | undefined;
  return () => (done ??= work());
}

try {
  await main();
} catch (error) {
  console.error(`\n  The REPL did not start. ${explain(error)}\n`);
  process.exit(1);
}

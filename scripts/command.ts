import { explain } from "../node/start.ts";

/** Runs a command to its end. What went wrong is a sentence on standard error, and exit status 1.
 *  @param failed what did not happen then, said before the reason */
export async function command(main: () => unknown, failed?: string): Promise<void> {
  try {
    await main();
  } catch (error) {
    console.error([failed, explain(error)].filter(Boolean).join(" "));
    process.exitCode = 1;
  }
}

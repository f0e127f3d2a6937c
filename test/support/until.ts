const LOOK_EVERY_MS = 50;
const PATIENCE_MS = 40_000;

/** Waits until it is so. @throws when it does not come to be within 40 s */
export async function until(isSo: () => Promise<boolean> | boolean): Promise<void> {
  for (const deadline = Date.now() + PATIENCE_MS; !(await isSo());) {
    if (Date.now() > deadline) throw new Error(`it did not come to be: ${isSo.toString()}`);
    await new Promise((wake) => setTimeout(wake, LOOK_EVERY_MS));
  }
}

import { refuse } from "../../../lib/errors.ts";

/** Sheds load at the edge: what would only wait, and be given up by its client meanwhile, is refused at once, so that what was let in is finished in time.
 *  Only what waits for an action takes a place: a client that is slow to send its body takes none from the others. */
export class Admission {
  readonly #places: number;
  #taken = 0;

  /** @param places requests at work at the same time */
  constructor(places: number) {
    this.#places = places;
  }

  /** Before anything is done for a request. @throws overloaded (503) when no place is free */
  check(): void {
    if (this.#taken >= this.#places) throw refuse.overloaded();
  }

  /** @throws overloaded (503) when no place is free; whatever `work` throws */
  async run<T>(work: () => Promise<T>): Promise<T> {
    this.check();
    this.#taken++;
    try {
      return await work();
    } finally {
      this.#taken--;
    }
  }
}

import type { Service } from "moleculer";
import { outsideTransaction } from "../../mixins/database.ts";
import { reasonOf } from "../../node/log/reason.ts";
import { platformOf } from "../../node/platform.ts";
import { prepareDecoy } from "./credentials/passwords.ts";
import { sweepFailures } from "./models/log-ins.model.ts";
import { sweepSessions } from "./models/sessions.model.ts";

const SWEEP_MS = 3_600_000;

/** Mixin: forgets ended sessions and old failures every hour; every node may do it at once. */
export const janitor = {
  async started(this: Service & { janitor?: NodeJS.Timeout }) {
    await prepareDecoy();
    const sweep = () => platformOf(this.broker).worker("auth").asWorker(async (tx) => {
      await sweepSessions(tx);
      await sweepFailures(tx);
    });
    this.janitor = setInterval(() => {
      outsideTransaction(sweep).catch((error: unknown) => this.logger.warn({ reason: reasonOf(error) }, "old sessions are kept until the next sweep"));
    }, SWEEP_MS).unref();
  },
  async stopped(this: Service & { janitor?: NodeJS.Timeout }) {
    clearInterval(this.janitor);
  },
};

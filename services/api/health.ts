import type { ServiceBroker } from "moleculer";
import { refuse } from "../../lib/errors.ts";
import { readinessOf, type Obstacle } from "../../node/readiness.ts";

/** The services run, on a schema that they know. @throws unavailable (503) naming what is missing */
export async function requireStarted(broker: ServiceBroker): Promise<void> {
  deny(await readinessOf(broker).whyNotStarted());
}

/** Everything that this node needs answers. @throws unavailable (503) naming what does not */
export async function requireReady(broker: ServiceBroker): Promise<void> {
  deny(await readinessOf(broker).whyNotReady());
}

function deny(obstacle: Obstacle | undefined): void {
  if (obstacle) throw refuse.unavailable(obstacle.detail, { dependency: obstacle.dependency });
}

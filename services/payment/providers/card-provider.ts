import type { ServiceBroker } from "moleculer";
import { platformOf } from "../../../node/platform.ts";
import type { Provider } from "./provider.ts";
import { simulatedProvider } from "./simulated.ts";

/** The provider that takes the tenant's cards. A new tenant's is the simulated one. */
export const cardProvider = (broker: ServiceBroker): Provider => simulatedProvider(platformOf(broker).database("payment"));

export const CARD_PROVIDER = "simulated";

import { projectDocuments } from "../models/projection.ts";
import { projects } from "./projection.ts";

export const orderImported = projects("order.imported", (tx, batches) => projectDocuments(tx, batches.flatMap((batch) => batch.documents)));

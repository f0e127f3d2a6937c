import { projectDocuments } from "../models/projection.ts";
import { projects } from "./projection.ts";

export const orderCompleted = projects("order.completed", projectDocuments);

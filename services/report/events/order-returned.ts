import { projectDocuments } from "../models/projection.ts";
import { projects } from "./projection.ts";

export const orderReturned = projects("order.returned", projectDocuments);

import { projectMovements } from "../models/projection.ts";
import { projects } from "./projection.ts";

export const stockMoved = projects("catalog.stockMoved", projectMovements);

import { projectVariants } from "../models/projection.ts";
import { projects } from "./projection.ts";

export const variantChanged = projects("catalog.variantChanged", projectVariants);

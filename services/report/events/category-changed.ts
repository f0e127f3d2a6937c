import { projectCategories } from "../models/projection.ts";
import { projects } from "./projection.ts";

export const categoryChanged = projects("catalog.categoryChanged", projectCategories);

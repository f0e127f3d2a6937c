import { projectStores } from "../models/projection.ts";
import { projects } from "./projection.ts";

export const storeChanged = projects("entity.storeChanged", projectStores);

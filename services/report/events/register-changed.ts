import { projectRegisters } from "../models/projection.ts";
import { projects } from "./projection.ts";

export const registerChanged = projects("entity.registerChanged", projectRegisters);

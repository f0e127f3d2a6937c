import { findTool, fromDebianPackage } from "./tool.ts";

/** promtool, which checks rules and runs their tests. @throws one sentence that says how to get it */
export const findPromtool = (): string => findTool({
  name: "promtool", variable: "PROMTOOL",
  fetch: (folder) => fromDebianPackage("prometheus", "usr/bin/promtool", folder),
  howTo: "Install it (apt-get install prometheus, brew install prometheus, or from https://prometheus.io/download), or set PROMTOOL to where it is.",
});

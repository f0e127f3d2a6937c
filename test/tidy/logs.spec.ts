import { describe, expect, it } from "@jest/globals";
import { sourceFiles } from "../support/source-files.ts";

const files = ["middlewares", "mixins", "node", "services"].flatMap(sourceFiles).filter(({ path }) => !path.includes("/test/"));
/** A line that is written into the log, with its fields. */
const WRITES = /\b(logger|log|[lL]ogOf\([^)]*\)|getLogger\([^)]*\))(\.|\[\w+\])(trace|debug|info|warn|error|fatal)?\(.*/g;

describe("what is written into the log", () => {
  it("names an error by its reason, because the messages of a database, a parser or a mail server quote the data at hand", () => {
    const lines = files.flatMap(({ path, text }) => (text.match(WRITES) ?? []).map((line) => `${path}: ${line}`));
    expect(lines.length).toBeGreaterThan(15);
    expect(lines.filter((line) => /\.(message|stack|detail)\b|String\(error/.test(line))).toEqual([]);
  });

  it("goes through the log: only a start tells a person on the console", () => {
    expect(files.filter(({ path, text }) => path !== "node/voice.ts" && /\bconsole\.|process\.std(out|err)\.write/.test(text)).map(({ path }) => path)).toEqual([]);
  });
});

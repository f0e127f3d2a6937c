export type LogLine = Readonly<Record<string, any>> & { readonly level: string; readonly msg: string };

/** The output of a process as its log. @throws when a line is no JSON: everything that a machine reads must be */
export function logLines(output: string): LogLine[] {
  return output.split("\n").filter(Boolean).map((line) => {
    try {
      return JSON.parse(line) as LogLine;
    } catch {
      throw new Error(`no JSON: ${line}`);
    }
  });
}

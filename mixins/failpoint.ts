/** Named places where a test can kill or fail this process: `FAILPOINT=catalog.takeStock:after:kill` (or `throw`). Unset: costs one comparison. */
const [wanted, deed] = split(process.env.FAILPOINT);

function split(value: string | undefined): [string | undefined, string | undefined] {
  if (!value) return [undefined, undefined];
  const at = value.lastIndexOf(":");
  return [value.slice(0, at), value.slice(at + 1)];
}

export function failpoint(name: string): void {
  if (wanted === undefined || wanted !== name) return;
  if (deed === "kill") process.kill(process.pid, "SIGKILL");
  throw new Error(`failpoint ${name}`);
}

import { SettingError } from "../node/environment.ts";
import { command } from "./command.ts";
import { openConsole } from "./console.ts";
import { act, showDeadLetters, showSagas, type Deed } from "./operator-commands.ts";

/* `npm run operator`: what to do at 3 a.m., as a command. Exit status 1 when it was not done. */

const USAGE = `npm run operator -- dead-letters | resend <event id> | discard <event id> | sagas | resume <saga id>
  With NATS_URL and the console's KEY_RING_FILE (or the master keys) in the cluster; else beside the platform that runs on DATA_DIR or DATABASE_URL.`;
const ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

async function main([command, id, ...more]: string[]): Promise<boolean> {
  const lists = { "dead-letters": showDeadLetters, sagas: showSagas };
  const isList = command !== undefined && Object.hasOwn(lists, command) && id === undefined;
  const isDeed = ["resend", "discard", "resume"].includes(command ?? "") && id !== undefined && ID.test(id) && more.length === 0;
  if (!isList && !isDeed) throw new SettingError(USAGE);
  const { node, close } = await openConsole();
  try {
    return await (isList ? lists[command as keyof typeof lists](node, console.log) : act(node, command as Deed, id!, console.log));
  } finally {
    await close();
  }
}

await command(async () => { process.exitCode = (await main(process.argv.slice(2))) ? 0 : 1; });

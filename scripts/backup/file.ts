import { createReadStream } from "node:fs";
import { open, rename, rm } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { createGunzip, createGzip } from "node:zlib";
import { Type, type Static } from "typebox";
import { Value } from "typebox/value";
import { SettingError } from "../../node/environment.ts";

/* A backup is what `pg_dump --data-only` writes, compressed: COPY statements with their rows, so that zcat and psql read it too.
   The first line says what it is of, the last that it is whole. */

export const FORMAT = 1;
/** A third quicker than gzip's own 6, and a few per cent larger. */
const GZIP_LEVEL = 4;

/** `keyCheck` is computed from `takenAt` and DATA_ENCRYPTION_KEY; `migrations` of each service, in their order. */
export const Header = Type.Object({ format: Type.Literal(FORMAT), takenAt: Type.String(), keyCheck: Type.String(), migrations: Type.Record(Type.String(), Type.Array(Type.String())) });
export type Header = Static<typeof Header>;

/** By `schema.table`. */
export const Trailer = Type.Object({ tables: Type.Record(Type.String(), Type.Object({ rows: Type.String(), sum: Type.String() })) });
export type Trailer = Static<typeof Trailer>;

const FIRST = "-- BeaverOS backup ", LAST = "-- end of the backup ";
export const headerLine = (header: Header): string => `${FIRST}${JSON.stringify(header)}\n`;
export const trailerLine = (trailer: Trailer): string => `${LAST}${JSON.stringify(trailer)}\n`;
export const END_OF_ROWS = "\\.\n";

/** Writes the pieces into a file of this user's alone. It has its name only when it is whole and on the disk.
 *  @throws SettingError when there is such a file already */
export async function writeBackup(path: string, pieces: AsyncIterable<Buffer | string>): Promise<number> {
  const partial = `${path}.partial`;
  const taken = await open(path, "r").then((file) => file.close().then(() => true), () => false);
  if (taken) throw new SettingError(`${path} is there already: a backup replaces no other.`);
  const file = await open(partial, "w", 0o600).catch((error: NodeJS.ErrnoException) => { throw new SettingError(`${path} cannot be written (${error.code}): name a folder that is there and writable.`); });
  try {
    await file.chmod(0o600); // it may have been there, with another mode
    await pipeline(pieces, createGzip({ level: GZIP_LEVEL }), async (chunks: AsyncIterable<Buffer>) => { for await (const chunk of chunks) await file.write(chunk); });
    await file.sync();
    const { size } = await file.stat();
    await rename(partial, path);
    return size;
  } catch (error) {
    await rm(partial, { force: true });
    throw error;
  } finally {
    await file.close();
  }
}

/** Reads a backup from its first line to its last. */
export class BackupReader {
  readonly #path: string;
  readonly #chunks: AsyncIterator<Buffer>;
  #rest: Buffer = Buffer.alloc(0);

  constructor(path: string) {
    this.#path = path;
    const file = createReadStream(path), plain = createGunzip();
    file.on("error", (error) => plain.destroy(error));
    this.#chunks = file.pipe(plain)[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  }

  async header(): Promise<Header> {
    const line = await this.line();
    const header = line.startsWith(FIRST) ? parsed(line.slice(FIRST.length)) : undefined;
    if (!Value.Check(Header, header)) throw new SettingError(`${this.#path} is no backup that this version reads.`);
    return header;
  }

  /** @returns undefined when the line is not the last one */
  trailer(line: string): Trailer | undefined {
    const trailer = line.startsWith(LAST) ? parsed(line.slice(LAST.length)) : undefined;
    return Value.Check(Trailer, trailer) ? trailer : undefined;
  }

  async line(): Promise<string> {
    for (;;) {
      const end = this.#rest.indexOf("\n");
      if (end >= 0) return this.#take(end + 1).toString("utf8", 0, end);
      this.#rest = Buffer.concat([this.#rest, await this.#more()]);
    }
  }

  /** The rows after a COPY line, up to the line that ends them. */
  async *rows(): AsyncGenerator<Buffer> {
    // The end is looked for with the line break before it, which for no row at all is that of the COPY line.
    let rest = Buffer.concat([LINE_BREAK, this.#rest]), skip = 1;
    for (let end = rest.indexOf(END); end < 0; end = rest.indexOf(END)) {
      const certain = Math.max(0, rest.length - END.length + 1);
      if (certain > skip) yield rest.subarray(skip, certain);
      [rest, skip] = [Buffer.concat([rest.subarray(certain), await this.#more()]), Math.max(0, skip - certain)];
    }
    const end = rest.indexOf(END);
    this.#rest = rest.subarray(end + END.length);
    if (end + 1 > skip) yield rest.subarray(skip, end + 1);
  }

  #take(bytes: number): Buffer {
    const taken = this.#rest.subarray(0, bytes);
    this.#rest = this.#rest.subarray(bytes);
    return taken;
  }

  async #more(): Promise<Buffer> {
    try {
      const { value, done } = await this.#chunks.next();
      if (!done) return value;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === "ENOENT" || code === "EACCES" || code === "EISDIR") throw new SettingError(`${this.#path} cannot be read (${code}): name a backup.`);
      throw new SettingError(`${this.#path} is damaged or no backup (${(error as Error).message}).`);
    }
    throw new SettingError(`${this.#path} ends before its end: it is not whole.`);
  }
}

const LINE_BREAK = Buffer.from("\n"), END = Buffer.from(`\n${END_OF_ROWS}`);

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

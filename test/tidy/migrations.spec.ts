import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "@jest/globals";
import { DATABASE_SERVICES } from "../../node/environment.ts";
import { migrationsOf } from "../../node/migrate.ts";
import { breaches } from "../support/expand-only.ts";
import { ROOT } from "../support/source-files.ts";

const FOLDERS = ["platform", ...DATABASE_SERVICES];
const files = (folder: string) => readdirSync(join(ROOT, "migrations", folder)).filter((name) => name.endsWith(".sql") && !name.startsWith("0000_")).sort();
const text = (folder: string, name: string) => readFileSync(join(ROOT, "migrations", folder, name), "utf8");

describe("a migration", () => {
  it.each(FOLDERS)("of %s has a number of its own, without a gap, and says what it does", (folder) => {
    expect(files(folder).map((name) => /^(\d{4})_[a-z0-9_]+\.sql$/.exec(name)?.[1])).toEqual(files(folder).map((_, index) => String(index + 1).padStart(4, "0")));
  });

  it.each(FOLDERS)("of %s only adds, so that nodes of the version before go on; what takes away has _contract_ in its name", (folder) => {
    const names = files(folder).filter((name) => !/_contract_/.test(name));
    expect(names.flatMap((name, index) => breaches(text(folder, name), names.slice(0, index).map((earlier) => text(folder, earlier))).map((breach) => `${name}: ${breach.statement}: ${breach.why}`))).toEqual([]);
  });

  it("is taken in the order of its number, the platform's before the service's own", () => {
    const names = migrationsOf("order").map(({ name }) => name);
    expect(names).toEqual([...files("platform").map((name) => `platform/${name}`), ...files("order").map((name) => `order/${name}`)]);
  });
});

describe("what a version side by side with the one before must not do", () => {
  const EARLIER = "CREATE TABLE job (id uuid PRIMARY KEY, kind text NOT NULL CHECK (kind IN ('a', 'b')), note text);";
  it.each([
    ["ALTER TABLE job DROP COLUMN note"], ["ALTER TABLE job RENAME COLUMN note TO remark"], ["ALTER TABLE job RENAME TO task"], ["ALTER TABLE job ALTER COLUMN note TYPE int USING note::int"],
    ["ALTER TABLE job ALTER note SET DATA TYPE int"], ["ALTER TABLE job ALTER COLUMN note SET NOT NULL"], ["ALTER TABLE job ADD COLUMN size int NOT NULL"], ["ALTER TABLE job ADD COLUMN x int DEFAULT 1, ADD COLUMN size int NOT NULL"],
    ["ALTER TABLE job ADD CONSTRAINT short CHECK (length(note) < 9)"], ["ALTER TABLE job ADD UNIQUE (note)"], ["CREATE UNIQUE INDEX job_note ON job (note)"], ["ALTER TABLE job ADD CONSTRAINT job_kind_check CHECK (kind IN ('a', 'c'))"],
    ["ALTER TABLE job ALTER COLUMN id DROP DEFAULT"], ["DROP TABLE job"], ["DROP FUNCTION share(bigint)"], ["REVOKE INSERT ON job FROM beaver_order"], ["DELETE FROM job WHERE note IS NULL"], ["TRUNCATE job"],
    ["CREATE TRIGGER guard BEFORE INSERT ON job FOR EACH ROW EXECUTE FUNCTION guard()"],
  ])("%s", (statement) => {
    expect(breaches(`-- so\n${statement};`, [EARLIER])).toHaveLength(1);
  });

  it.each([
    ["ALTER TABLE job ADD COLUMN size int"], ["ALTER TABLE job ADD COLUMN size int NOT NULL DEFAULT 0, ADD COLUMN later text"], ["CREATE INDEX job_note ON job (note)"], ["CREATE TABLE task (id uuid PRIMARY KEY); ALTER TABLE task ADD UNIQUE (id); CREATE UNIQUE INDEX task_id ON task (id)"],
    ["ALTER TABLE job DROP CONSTRAINT job_kind_check; ALTER TABLE job ADD CONSTRAINT job_kind_check CHECK (kind IN ('a', 'b', 'c'))"], ["CREATE OR REPLACE FUNCTION f() RETURNS void LANGUAGE plpgsql AS $$ BEGIN DELETE FROM job; END $$"], ["UPDATE job SET note = '' WHERE note IS NULL"],
    ["-- never DROP TABLE job;\nGRANT SELECT ON job TO beaver_order"], ["ALTER TABLE job SET (fillfactor = 80)"],
  ])("but may: %s", (statement) => {
    expect(breaches(`${statement};`, [EARLIER])).toEqual([]);
  });
});

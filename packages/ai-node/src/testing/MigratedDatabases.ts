import { resolvePackagePath } from '@backstage/backend-plugin-api';
import { createHash, randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import knexFactory, { type Knex } from 'knex';

/** Address of the server, as Backstage's own test utilities are told it. */
const SERVER_VARIABLE = 'BACKSTAGE_TEST_DATABASE_POSTGRES18_CONNECTION_STRING';

/** Where no test may leave its mark, other than in rows. */
const CATALOGS = [
  'pg_class',
  'pg_attribute',
  'pg_constraint',
  'pg_proc',
  'pg_trigger',
];

interface Opened {
  name: string;
  knex: Knex;
  /** Tells whether the tables are still those that the migrations made. */
  shape: string;
  /** Brings every row and every sequence back to what the migrations made. */
  restore: string;
}

/**
 * Databases with the tables of a package, for the tests of one file.
 *
 * @remarks
 *
 * Migrating takes longer than most tests: it is done once on a server, and what it made is copied for
 * each file. Within a file, a database whose connections were closed (`knex.destroy()`) is handed out
 * again, with the rows that it had after the migrations; one whose tables a test has changed is not.
 */
export class MigratedDatabases {
  readonly #packageName: string;
  readonly #opened: Opened[] = [];

  /**
   * To be called once in a file, outside of its tests.
   *
   * @param packageName - the package that owns the `migrations` folder
   */
  static create(packageName: string): MigratedDatabases {
    const databases = new MigratedDatabases(packageName);
    afterAll(() => databases.#drop(), 60_000);
    return databases;
  }

  private constructor(packageName: string) {
    this.#packageName = packageName;
  }

  /** Connections to a database that nobody has written to since it was migrated. */
  async open(): Promise<Knex> {
    for (const opened of [...this.#opened].filter(isClosed)) {
      if (await reopen(opened)) return opened.knex;
      this.#opened.splice(this.#opened.indexOf(opened), 1);
      await opened.knex.destroy();
      await asAdministrator(admin => drop(admin, opened.name));
    }
    const opened = await copy(this.#packageName);
    this.#opened.push(opened);
    return opened.knex;
  }

  async #drop(): Promise<void> {
    for (const { knex } of this.#opened) await knex.destroy();
    await asAdministrator(async admin => {
      for (const { name } of this.#opened) await drop(admin, name);
    });
  }
}

function isClosed({ knex }: Opened): boolean {
  return knex.client.pool === undefined;
}

/** @returns false when its tables are not what they were */
async function reopen(opened: Opened): Promise<boolean> {
  const knex = connect(opened.name);
  opened.knex = knex;
  // What a test has left running would wait for it, or write into the next test.
  await knex.raw(
    `select pg_terminate_backend(pid, 5000) from pg_stat_activity
      where datname = current_database() and pid <> pg_backend_pid()`,
  );
  if ((await shapeOf(knex)) !== opened.shape) return false;
  await knex.raw(opened.restore);
  return true;
}

async function copy(packageName: string): Promise<Opened> {
  const name = `test_${randomBytes(12).toString('hex')}`;
  await asAdministrator(async admin => {
    const template = await ensureTemplate(admin, packageName);
    await admin.raw('create database ?? template ??', [name, template]);
  });
  const knex = connect(name);
  return {
    name,
    knex,
    shape: await shapeOf(knex),
    restore: await restorationOf(knex),
  };
}

/** The database that is copied; of many processes that need it, one makes it. */
async function ensureTemplate(
  admin: Knex,
  packageName: string,
): Promise<string> {
  const directory = resolvePackagePath(packageName, 'migrations');
  const template = `template_${digestOf(directory)}`;
  const unfinished = `${template}_unfinished`;
  await admin.transaction(async tx => {
    await tx.raw('select pg_advisory_xact_lock(hashtext(?))', [template]);
    const found = await tx('pg_database').where({ datname: template }).first();
    if (found) return;
    await drop(admin, unfinished);
    await admin.raw('create database ??', [unfinished]);
    const knex = connect(unfinished);
    await knex.migrate.latest({ directory }).finally(() => knex.destroy());
    await admin.raw('alter database ?? rename to ??', [unfinished, template]);
  });
  return template;
}

function digestOf(directory: string): string {
  const hash = createHash('sha256');
  for (const file of readdirSync(directory).sort()) {
    hash.update(`${file}\0`).update(readFileSync(path.join(directory, file)));
  }
  return hash.digest('hex').slice(0, 24);
}

async function shapeOf(knex: Knex): Promise<string> {
  const states = CATALOGS.map(
    catalog =>
      `select '${catalog}', count(*), max(xmin::text::bigint) from ${catalog}`,
  );
  const { rows } = await knex.raw(states.join(' union all '));
  return JSON.stringify(rows);
}

/** One statement list, so that it is one round trip. */
async function restorationOf(knex: Knex): Promise<string> {
  const { rows: tables } = await knex.raw(
    `select format('%I', relname) as name from pg_class
      where relkind in ('r', 'p') and relnamespace = 'public'::regnamespace
        and not relispartition and relname not like 'knex\\_%'`,
  );
  const statements: string[] = [];
  for (const { name } of tables) {
    statements.push(`delete from ${name}`);
    const { rows } = await knex.raw(
      `select format('insert into ${name} select * from json_populate_recordset(null::${name}, %L)', json_agg(t)) as insert
         from ${name} t having count(*) > 0`,
    );
    if (rows.length > 0) statements.push(rows[0].insert);
  }
  const { rows: sequences } = await knex.raw(
    `select format('select setval(%L, %s, %s)', format('%I.%I', schemaname, sequencename),
            coalesce(last_value, start_value), (last_value is not null)::text) as set
       from pg_sequences where sequencename not like 'knex\\_%'`,
  );
  return [
    'begin',
    // Neither the order of foreign keys nor any trigger matters.
    "set local session_replication_role = 'replica'",
    ...statements,
    ...sequences.map(({ set }: { set: string }) => set),
    'commit',
  ].join(';\n');
}

async function drop(admin: Knex, name: string): Promise<void> {
  await admin.raw('drop database if exists ?? with (force)', [name]);
}

async function asAdministrator<T>(
  work: (admin: Knex) => Promise<T>,
): Promise<T> {
  const admin = connect('postgres');
  return work(admin).finally(() => admin.destroy());
}

function connect(database: string): Knex {
  const server = process.env[SERVER_VARIABLE];
  if (!server) {
    throw new Error(
      `${SERVER_VARIABLE} is not set: run the test with \`npm test -- jest -- <its name>\`, which starts a PostgreSQL of its own`,
    );
  }
  const url = new URL(server);
  url.pathname = `/${database}`;
  return knexFactory({
    client: 'pg',
    connection: url.toString(),
    // As many as a backend of Backstage has in its tests.
    pool: { min: 0, max: 5, acquireTimeoutMillis: 30_000 },
  });
}

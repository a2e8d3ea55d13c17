import { InputError } from '@backstage/errors';
import type { Digest } from '@greenroom/plugin-ai-registry-common';
import type { Knex } from 'knex';
import { sql } from '../search/sql';

/** A file of an experiment. */
export interface ArtifactRow {
  digest: Digest;
  sizeBytes: number;
}

/** What lies directly in a folder. */
export interface ArtifactEntry {
  name: string;
  isFolder: boolean;
  /** Of a file. */
  sizeBytes?: number;
}

/** A page of what lies in a folder; `next` begins the one after it. */
export interface ArtifactPage {
  entries: ArtifactEntry[];
  next?: string;
}

interface FoundEntry {
  name: string;
  is_folder: boolean;
  size_bytes: string;
}

/** The `artifacts` table. Folders follow from the paths of files. */
export class ArtifactRows {
  readonly #knex: Knex;

  constructor(options: { knex: Knex }) {
    this.#knex = options.knex;
  }

  /**
   * Puts a file in the place of the one that was there.
   *
   * @throws InputError when there is a folder already, or a file where the path has a folder
   */
  async put(
    file: ArtifactRow & { experiment: string; path: string; updatedBy: string },
  ): Promise<void> {
    const { experiment, path, digest, sizeBytes, updatedBy } = file;
    const { rows } = await this.#knex.raw<{ rows: { path: string }[] }>(
      `with taken as (
         select path from artifacts
         where experiment = ?::bigint and (path = any(?) or (path > ? and path < ?)) limit 1),
       put as (
         insert into artifacts (experiment, path, digest, size_bytes, updated_by)
         select ?::bigint, ?, ?, ?, ? where not exists (select from taken)
         on conflict (experiment, path) do update
         set digest = excluded.digest, size_bytes = excluded.size_bytes,
             updated_at = clock_timestamp(), updated_by = excluded.updated_by)
       select path from taken`,
      [
        experiment,
        foldersOf(path),
        ...insideOf(path),
        experiment,
        path,
        digest,
        sizeBytes,
        updatedBy,
      ],
    );
    if (rows.length === 0) return;
    const [taken] = rows;
    throw new InputError(
      taken.path.length > path.length
        ? `Invalid path '${path}': it is a folder, in which '${taken.path}' lies`
        : `Invalid path '${path}': '${taken.path}' is a file, and so can have nothing in it`,
    );
  }

  /** Undefined when there is no such file. */
  async find(
    experiment: string,
    path: string,
  ): Promise<ArtifactRow | undefined> {
    const row = await this.#knex('artifacts')
      .where({ experiment, path })
      .first('digest', 'size_bytes');
    return row && { digest: row.digest, sizeBytes: Number(row.size_bytes) };
  }

  /**
   * What lies directly in a folder, in the order of paths, a page at a time. Nothing where there is no such folder.
   *
   * @param page.from - what the page before gave as `next`
   */
  async list(
    experiment: string,
    folder: string,
    page: { from?: string; limit: number },
  ): Promise<ArtifactPage> {
    const { from = '', limit } = page;
    const [start, end] = insideOf(folder);
    // Characters as PostgreSQL counts them.
    const skipped = Array.from(start).length + 1;
    const inFolder = sql`a.experiment = ${experiment}::bigint and a.path < ${end}`;
    const columns = sql`split_part(substr(a.path, ${skipped}::int), '/', 1) as name,
      position('/' in substr(a.path, ${skipped}::int)) > 0 as is_folder, a.path, a.size_bytes`;
    // One step in the index for each entry: what lies deeper in a folder is passed over.
    const { rows } = await sql`with recursive entry as (
        (select ${columns}, 1 as place from artifacts a
         where ${inFolder} and a.path >= ${
      start + from
    } order by a.path limit 1)
        union all
        select next.*, entry.place + 1 from entry cross join lateral (
          select ${columns} from artifacts a
          where ${inFolder} and a.path >= (
            case when entry.is_folder then ${start} || entry.name || '0'
              else entry.path || chr(1) end) collate "C"
          order by a.path limit 1) next
        where entry.place <= ${limit}::int)
      select name, is_folder, size_bytes from entry order by place`.toRaw(
      this.#knex,
    );
    const found = rows as FoundEntry[];
    const entries = found.slice(0, limit).map(toEntry);
    const last = entries.at(-1);
    return found.length > limit && last
      ? { entries, next: `${last.name}${last.isFolder ? '0' : '\u0001'}` }
      : { entries };
  }

  /** Removes a file, or all in a folder. */
  async delete(experiment: string, path: string): Promise<void> {
    const [start, end] = insideOf(path);
    await this.#knex('artifacts')
      .where({ experiment })
      .whereRaw('(path = ? or (path > ? and path < ?))', [path, start, end])
      .delete();
  }

  /** Those of the digests that a file has. */
  async findUsed(digests: readonly Digest[]): Promise<Digest[]> {
    const rows = await this.#knex('artifacts')
      .distinct('digest')
      .whereRaw('digest = any(?)', [[...digests]]);
    return rows.map(({ digest }) => digest);
  }
}

function toEntry({ name, is_folder, size_bytes }: FoundEntry): ArtifactEntry {
  return is_folder
    ? { name, isFolder: true }
    : { name, isFolder: false, sizeBytes: Number(size_bytes) };
}

/** Between which two texts all paths are that lie in a folder: '0' comes right after '/'. */
function insideOf(folder: string): [start: string, end: string] {
  return [`${folder}/`, `${folder}0`];
}

/** The folders that a path has, the innermost first. */
function foldersOf(path: string): string[] {
  const names = path.split('/');
  return names.slice(1).map((_, index) => names.slice(0, -1 - index).join('/'));
}

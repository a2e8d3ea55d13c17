import { InputError } from '@backstage/errors';
import {
  type DatasetRow,
  type DatasetVersion,
  MAX_EVALUATED_ROWS,
} from '@greenroom/plugin-ai-registry-common';
import { type PromptSetRow, toPromptRows } from '@greenroom/manifest';

/** Sets that are kept in memory: data planes ask for their rows piece by piece. */
const KEPT_SETS = 8;
/** All inputs of a set together: they wait in memory. */
const MAX_SET_CHARACTERS = 16 * 1024 * 1024;

export interface PromptSetRef {
  name: string;
  version: number;
}

/** Where datasets are read; nobody is asked for a permission. */
export interface DatasetSource {
  getVersion(ref: {
    dataset: string;
    version: number;
  }): Promise<DatasetVersion>;
  readRows(
    ref: { dataset: string; version: number },
    range: { limit: number },
  ): Promise<AsyncIterable<DatasetRow>>;
}

/** Datasets whose rows are prompts. */
export class PromptSets {
  readonly #datasets: DatasetSource;
  readonly #kept = new Map<string, Promise<PromptSetRow[]>>();

  constructor(options: { datasets: DatasetSource }) {
    this.#datasets = options.datasets;
  }

  /**
   * @throws NotFoundError, or InputError that says why its rows cannot be asked
   */
  async find({ name, version }: PromptSetRef): Promise<DatasetVersion> {
    const found = await this.#datasets.getVersion({ dataset: name, version });
    if (found.kind === 'external') {
      throw new InputError(
        `Version ${version} of the dataset '${name}' lies at ${found.uri}, and its rows are not here: upload it as a file`,
      );
    }
    return found;
  }

  /**
   * The first rows of a version, which never change.
   *
   * @throws InputError that names the row which is no prompt
   */
  rows(ref: PromptSetRef, limit: number): Promise<PromptSetRow[]> {
    const key = `${ref.name}/${ref.version}/${limit}`;
    const known = this.#kept.get(key);
    if (known) {
      // The one that was used last is forgotten last.
      this.#kept.delete(key);
      this.#kept.set(key, known);
      return known;
    }
    const rows = this.#read(ref, limit);
    this.#kept.set(key, rows);
    rows.catch(() => this.#kept.delete(key));
    if (this.#kept.size > KEPT_SETS) {
      const [oldest] = this.#kept.keys();
      this.#kept.delete(oldest);
    }
    return rows;
  }

  async #read(
    { name, version }: PromptSetRef,
    limit: number,
  ): Promise<PromptSetRow[]> {
    const rows: DatasetRow[] = [];
    let characters = 0;
    for await (const row of await this.#datasets.readRows(
      { dataset: name, version },
      { limit: Math.min(limit, MAX_EVALUATED_ROWS) },
    )) {
      characters += JSON.stringify(row).length;
      if (characters > MAX_SET_CHARACTERS) {
        throw new InputError(
          `The first ${rows.length} rows of ${name}, version ${version}, have more than ${MAX_SET_CHARACTERS} characters together: ask fewer rows`,
        );
      }
      rows.push(row);
    }
    return toPromptRows(rows, `${name}, version ${version}`);
  }
}

import { resolvePackagePath } from '@backstage/backend-plugin-api';
import { InputError, toError } from '@backstage/errors';
import { TEMPLATE_PATH } from '@greenroom/manifest';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { ReadTemplate, TemplateReader } from '../templates/TemplateReader';

const PACKAGE_NAME = '@greenroom/plugin-ai-training-backend';

/** The program that converts, which this package brings along, with the packages that the configuration names. */
export class Converter {
  readonly #reader: Pick<TemplateReader, 'read'>;
  readonly #folder: string;
  readonly #pythonLock: string | undefined;

  constructor(options: {
    reader: Pick<TemplateReader, 'read'>;
    /** Another one in tests. */
    folder?: string;
    /** Absolute path of a lock file that takes the place of its own. */
    pythonLock?: string;
  }) {
    this.#reader = options.reader;
    this.#folder =
      options.folder ?? resolvePackagePath(PACKAGE_NAME, 'converter');
    this.#pythonLock = options.pythonLock;
  }

  /** Its template, and its code as jobs fetch it. */
  async read(): Promise<ReadTemplate> {
    if (this.#pythonLock === undefined) return this.#readFrom(this.#folder);
    const scratch = await mkdtemp(join(tmpdir(), 'converter-'));
    try {
      await cp(this.#folder, scratch, {
        recursive: true,
        filter: path => basename(path) !== '__pycache__',
      });
      await this.#putLock(join(scratch, 'requirements.lock'));
      return await this.#readFrom(scratch);
    } finally {
      await rm(scratch, { recursive: true, force: true });
    }
  }

  async #putLock(place: string): Promise<void> {
    try {
      await cp(this.#pythonLock!, place);
    } catch (error) {
      throw new InputError(
        `The packages of the converter cannot be read (aiTraining.conversion.pythonLock): ${
          toError(error).message
        }`,
      );
    }
  }

  async #readFrom(folder: string): Promise<ReadTemplate> {
    const target = join(folder, TEMPLATE_PATH);
    const read = await this.#reader.read({ type: 'file', target });
    if (!read) throw new Error(`nothing was read from ${target}`);
    return read;
  }
}

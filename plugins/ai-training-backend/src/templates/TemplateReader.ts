import type { UrlReaderService } from '@backstage/backend-plugin-api';
import { InputError, isError } from '@backstage/errors';
import type { ArtifactStore } from '@greenroom/artifact-store';
import { parseTrainingTemplate, TEMPLATE_PATH } from '@greenroom/manifest';
import type {
  TemplateLocation,
  TemplateSpec,
} from '@greenroom/plugin-ai-training-common';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { isTaken, packFolder } from './packFolder';

const READ_MILLIS = 60_000;

/** A template, and the code beside it. */
export interface ReadTemplate {
  spec: TemplateSpec;
  /** Commit; the digest of the code where there is no Git. */
  revision: string;
  /** Of the packed folder in the artifact store. */
  sourceDigest: string;
}

/** Reads templates from where they lie, and keeps the code beside them in the artifact store. */
export class TemplateReader {
  readonly #urls: UrlReaderService;
  readonly #artifacts: Pick<ArtifactStore, 'put'>;

  constructor(options: {
    urlReader: UrlReaderService;
    artifacts: Pick<ArtifactStore, 'put'>;
  }) {
    this.#urls = options.urlReader;
    this.#artifacts = options.artifacts;
  }

  /**
   * @param options.known - revision that was read last
   * @returns undefined where that is still the newest
   * @throws InputError that says what is wrong with the file or its address
   */
  async read(
    location: TemplateLocation,
    options: { known?: string } = {},
  ): Promise<ReadTemplate | undefined> {
    return location.type === 'url'
      ? this.#readUrl(location.target, options)
      : this.#pack(projectOf(location.target), location.target);
  }

  async #readUrl(
    target: string,
    { known }: { known?: string },
  ): Promise<ReadTemplate | undefined> {
    const folder = await mkdtemp(join(tmpdir(), 'training-template-'));
    const take = isTaken();
    try {
      const tree = await this.#urls.readTree(treeOf(target), {
        etag: known,
        // Else an archive could fill the disk before it is looked at.
        filter: (path, info) => isFolder(path) || take(path, info?.size ?? 0),
        signal: AbortSignal.timeout(READ_MILLIS),
      });
      const place = await tree.dir({ targetDir: folder });
      return await this.#pack(place, target, tree.etag);
    } catch (error) {
      if (!isError(error)) throw error;
      switch (error.name) {
        case 'NotModifiedError':
          return undefined;
        case 'NotAllowedError':
        case 'NotImplementedError':
          throw new InputError(
            `location.target: the portal does not read folders from ${
              new URL(target).host
            }: expected a Git host of the setting 'integrations'`,
            error,
          );
        default:
          throw error;
      }
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  async #pack(
    project: string,
    where: string,
    commit?: string,
  ): Promise<ReadTemplate> {
    const text = await readText(join(project, TEMPLATE_PATH), where);
    const spec = parseTrainingTemplate(text, where);
    const { digest } = await this.#artifacts.put(packFolder(project));
    return { spec, revision: commit ?? digest, sourceDigest: digest };
  }
}

async function readText(path: string, where: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new InputError(
      `There is no template at ${where}: expected a file ${TEMPLATE_PATH}`,
      error,
    );
  }
}

function projectOf(path: string): string {
  requireName(path);
  return dirname(dirname(resolve(path)));
}

/** As archives name them; the project's own has no name. */
function isFolder(path: string): boolean {
  return path === '' || path.endsWith('/');
}

/** The folder of the project, as Git hosts have addresses of folders. */
function treeOf(target: string): string {
  requireName(target);
  const url = new URL(target);
  url.pathname = url.pathname
    .slice(0, -TEMPLATE_PATH.length)
    .replace(/\/$/, '')
    .replace(/\/blob\//, '/tree/');
  return url.href;
}

function requireName(target: string): void {
  if (target === TEMPLATE_PATH || target.endsWith(`/${TEMPLATE_PATH}`)) return;
  throw new InputError(
    `location.target '${target}': expected the address of a file ${TEMPLATE_PATH}`,
  );
}

import type { UrlReaderService } from '@backstage/backend-plugin-api';
import {
  InputError,
  isError,
  ServiceUnavailableError,
  toError,
} from '@backstage/errors';
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
/** Codes of a network that does not bring anybody there. */
const AWAY =
  /^(?:E(?:CONNREFUSED|CONNRESET|HOSTUNREACH|NETUNREACH|NOTFOUND|PIPE|TIMEDOUT|AI_AGAIN)|ERR_STREAM_PREMATURE_CLOSE)$/;

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
  readonly #readMillis: number;

  constructor(options: {
    urlReader: UrlReaderService;
    artifacts: Pick<ArtifactStore, 'put'>;
    /** How long a Git host may take; a minute when it is not named. */
    readMillis?: number;
  }) {
    this.#urls = options.urlReader;
    this.#artifacts = options.artifacts;
    this.#readMillis = options.readMillis ?? READ_MILLIS;
  }

  /**
   * @param options.known - revision that was read last
   * @returns undefined where that is still the newest
   * @throws InputError that says what is wrong with the file or its address
   * @throws ServiceUnavailableError where the Git host does not answer
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
      const signal = AbortSignal.timeout(this.#readMillis);
      const read = async () => {
        const tree = await this.#urls.readTree(treeOf(target), {
          etag: known,
          // Else an archive could fill the disk before it is looked at.
          filter: (path, info) => isFolder(path) || take(path, info?.size ?? 0),
          signal,
        });
        signal.throwIfAborted();
        return { tree, place: await tree.dir({ targetDir: folder }) };
      };
      const { tree, place } = await beforeEnd(read(), signal).catch(error => {
        throw explainHost(error, new URL(target).host);
      });
      return await this.#pack(place, target, tree.etag);
    } catch (error) {
      if (isError(error) && error.name === 'NotModifiedError') return undefined;
      throw error;
    } finally {
      // Files of an archive that was given up may still be on their way.
      await rm(folder, { recursive: true, force: true, maxRetries: 5 });
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

/** What a Git host answered or did not, without its words: its addresses can hold a token. */
function explainHost(error: unknown, host: string): unknown {
  const { name, message } = toError(error);
  const { code } = Object(error) as { code?: unknown };
  // The readers have no errors of their own for what a host answers.
  const [, status] =
    (name === 'Error' && / (\d{3}) /.exec(`${message} `)) || [];
  if (name === 'NotAllowedError' || name === 'NotImplementedError') {
    return new InputError(
      `location.target: the portal does not read folders from ${host}: expected a Git host of the setting 'integrations'`,
      error,
    );
  }
  if (name === 'AbortError' || name === 'TimeoutError') {
    return away(`${host} has not answered in time`);
  }
  if (name === 'FetchError' || AWAY.test(String(code))) {
    const why = /^[A-Z][A-Z0-9_]+$/.test(String(code)) ? ` (${code})` : '';
    return away(`${host} cannot be reached from the portal${why}`);
  }
  // GitLab's reader keeps the words alone of an error of the network.
  if (name === 'Error' && /\bFetchError: /.test(message)) {
    return away(`${host} cannot be reached from the portal`);
  }
  if (status === '429' || status?.startsWith('5')) {
    return away(`${host} answers ${status}`);
  }
  if (status?.startsWith('4')) {
    return new InputError(
      `location.target: ${host} answers ${status}: look whether the address is right, and whether the token of the setting 'integrations' may read it`,
    );
  }
  return error;
}

/** Readers ask some of what they ask without the signal. */
async function beforeEnd<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  let end = () => {};
  const late = new Promise<never>((_resolve, reject) => {
    end = () => reject(signal.reason);
    signal.addEventListener('abort', end, { once: true });
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    signal.removeEventListener('abort', end);
  }
}

function away(what: string): ServiceUnavailableError {
  return new ServiceUnavailableError(
    `location.target: the Git host ${what}: try again later, or look whether the portal's machine may reach it`,
  );
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

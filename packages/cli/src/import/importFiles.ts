import { posix } from 'node:path';
import { RefusedError } from './Endpoint';
import { attempt, type Import } from './Import';
import { type FileMessage, toNumber } from './messages';

/** Whose files are brought over. */
export interface FileOwner {
  /** As the report calls it. */
  what: string;
  /** Where they are there. */
  uri: string;
  /** Folder of the portal's proxy; undefined where nothing is written. */
  here?: string;
  /** What lies where the other server does not hand files out, as far as it says. */
  listElsewhere(): Promise<FileMessage[]>;
}

/**
 * Brings the files of a run or a logged model over, as streams. One that is here with the same size is not fetched.
 *
 * @returns whether all of them are here now
 */
export async function importFiles(
  job: Import,
  owner: FileOwner,
): Promise<boolean> {
  const there = proxyPathOf(owner.uri, job.source.endpoint.url);
  if (there === undefined) return reportElsewhere(job, owner);
  const folders = [''];
  const came: boolean[] = [];
  while (folders.length > 0) {
    const within = folders.pop() ?? '';
    const what = `${owner.what}, folder '${within}'`;
    came.push(
      await attempt(job, { kind: 'files', what }, async () => {
        const files = await job.source.files(posix.join(there, within));
        const sizes = await sizesHere(job, owner, within);
        for (const file of files) {
          const path = posix.join(within, posix.basename(file.path));
          if (file.is_dir) folders.push(path);
          else
            came.push(
              await importFile(job, owner, { file, path, there, sizes }),
            );
        }
      }),
    );
  }
  return came.every(Boolean);
}

async function sizesHere(
  { portal }: Import,
  { here }: FileOwner,
  folder: string,
): Promise<Map<string, number | undefined>> {
  const files =
    here === undefined ? [] : await portal.files(posix.join(here, folder));
  return new Map(
    files
      .filter(({ is_dir }) => !is_dir)
      .map(file => [posix.basename(file.path), toNumber(file.file_size)]),
  );
}

function importFile(
  job: Import,
  { what, here }: FileOwner,
  options: {
    file: FileMessage;
    path: string;
    there: string;
    sizes: Map<string, number | undefined>;
  },
): Promise<boolean> {
  const { file, path, there, sizes } = options;
  const { source, portal, report } = job;
  return attempt(
    job,
    { kind: 'files', what: `${what}, file '${path}'` },
    async () => {
      // An empty file is said to have no size.
      const size = toNumber(file.file_size) ?? 0;
      if (sizes.get(posix.basename(path)) === size) {
        report.add('files', 'there');
        return;
      }
      if (!job.isDryRun && here !== undefined) {
        await source.copyFile(posix.join(there, path), {
          server: portal,
          file: posix.join(here, path),
        });
      }
      report.add('files', 'came');
    },
  );
}

/** Nothing is lost where there are no files. */
async function reportElsewhere(
  { report, signal }: Import,
  { what, uri, listElsewhere }: FileOwner,
): Promise<boolean> {
  const fail = (found: string) => {
    report.fail('files', {
      what,
      why: `${found} at ${uri}, which the other server does not hand out itself: copy them there to where it does (mlflow server --serve-artifacts), or log them here with log_artifacts`,
    });
    return false;
  };
  try {
    const files = await listElsewhere();
    return (
      files.length === 0 || fail(`its ${files.length} files and folders lie`)
    );
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof RefusedError)) throw error;
    return fail('its files, if there are any, lie');
  }
}

/** Path of a folder that the server hands out itself; undefined where it does not. */
export function proxyPathOf(uri: string, server: string): string | undefined {
  const [, host, path] =
    /^mlflow-artifacts:(?:\/\/([^/]*))?\/*(.*)$/.exec(uri) ?? [];
  if (path === undefined) return undefined;
  return !host || host === new URL(server).host
    ? path.replace(/\/+$/, '')
    : undefined;
}

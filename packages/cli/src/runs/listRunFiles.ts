import type {
  AiTrainingClient,
  ArtifactFile,
} from '@greenroom/plugin-ai-training-common';
import { posix } from 'node:path';
import { failure } from '../CommandError';
import { isInside } from '../download/isInside';

/** More than anybody wants to bring over by hand. */
const MOST_FILES = 100_000;

/**
 * All files below a folder of a run, or the file itself, folder by folder.
 *
 * @param within - below the run's artifacts, with slashes; '' for all of them
 * @throws CommandError where a path leads out of the run's folder
 */
export async function listRunFiles(
  client: Pick<AiTrainingClient, 'listRunArtifacts'>,
  options: { run: string; within: string; signal: AbortSignal },
): Promise<ArtifactFile[]> {
  const { run, within, signal } = options;
  const files: ArtifactFile[] = [];
  const folders = [within];
  const seen = new Set(folders);
  for (let at = 0; at < folders.length; at++) {
    for await (const item of itemsOf(client, run, folders[at], signal)) {
      if (!item.isFolder) files.push(item);
      else if (!seen.has(item.path)) {
        seen.add(item.path);
        folders.push(item.path);
      }
      if (files.length + folders.length > MOST_FILES) {
        throw failure(
          `run ${run} has more than ${MOST_FILES} files and folders: name one of its folders`,
        );
      }
    }
  }
  if (files.length > 0 || within === '') return files;
  // It may be a file, which has nothing in it.
  const parent = posix.dirname(within).replace(/^\.$/, '');
  for await (const item of itemsOf(client, run, parent, signal)) {
    if (item.path === within && !item.isFolder) return [item];
  }
  return [];
}

/** What is in a folder, page after page. */
async function* itemsOf(
  client: Pick<AiTrainingClient, 'listRunArtifacts'>,
  run: string,
  folder: string,
  signal: AbortSignal,
): AsyncGenerator<ArtifactFile> {
  let cursor: string | undefined;
  do {
    const page = await client.listRunArtifacts(
      { run, folder, cursor },
      { signal },
    );
    for (const item of page.items) {
      if (!isInside(item.path)) {
        throw failure(
          `run ${run} has a file that would not be in its folder: ${JSON.stringify(
            item.path,
          )}`,
        );
      }
      yield item;
    }
    if (page.nextCursor !== undefined && page.nextCursor === cursor) {
      throw failure('the portal gives the same page again and again');
    }
    cursor = page.nextCursor;
  } while (cursor !== undefined);
}

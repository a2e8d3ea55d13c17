import { opendir } from 'node:fs/promises';
import path from 'node:path';

const MOST_NAMED = 5;
/** It may be a folder with all that somebody has. */
const MOST_COUNTED = 1_000;

/**
 * Says which files of a folder did not come: those of another version would be loaded along with these. The files are
 * there, whatever else is: a folder that cannot be read is said, too, and is no failure.
 */
export async function warnOfOthers(
  folder: string,
  files: readonly { path: string }[],
  say: (text: string) => void,
): Promise<void> {
  const ours = new Set(files.map(file => path.join(folder, file.path)));
  const others: string[] = [];
  try {
    for await (const entry of await opendir(folder, { recursive: true })) {
      const place = path.join(entry.parentPath, entry.name);
      if (entry.isDirectory() || ours.has(place)) continue;
      others.push(path.relative(folder, place));
      if (others.length > MOST_COUNTED) break;
    }
  } catch (error) {
    say(
      `warning: ${folder} was not looked through for files that did not come: ${
        (error as Error).message
      }`,
    );
  }
  if (others.length === 0) return;
  const count =
    others.length > MOST_COUNTED
      ? `more than ${MOST_COUNTED} files`
      : `${others.length} ${others.length === 1 ? 'file' : 'files'}`;
  const named = others.slice(0, MOST_NAMED).join(', ');
  say(
    `warning: ${folder} also has ${count} that did not come: ${named}${
      others.length > MOST_NAMED ? ', …' : ''
    }`,
  );
}

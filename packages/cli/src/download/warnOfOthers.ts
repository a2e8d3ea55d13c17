import { readdir } from 'node:fs/promises';
import path from 'node:path';

const MOST_NAMED = 5;

/** Says which files of a folder did not come: those of another version would be loaded along with these. */
export async function warnOfOthers(
  folder: string,
  files: readonly { path: string }[],
  say: (text: string) => void,
): Promise<void> {
  const ours = new Set(files.map(file => path.join(folder, file.path)));
  const entries = await readdir(folder, {
    recursive: true,
    withFileTypes: true,
  });
  const others = entries
    .filter(entry => !entry.isDirectory())
    .map(entry => path.join(entry.parentPath, entry.name))
    .filter(place => !ours.has(place))
    .map(place => path.relative(folder, place));
  if (others.length === 0) return;
  const named = others.slice(0, MOST_NAMED).join(', ');
  say(
    `warning: ${folder} also has ${others.length} ${
      others.length === 1 ? 'file' : 'files'
    } that did not come: ${named}${others.length > MOST_NAMED ? ', …' : ''}`,
  );
}

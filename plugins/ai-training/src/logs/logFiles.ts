import type { ArtifactFile } from '@greenroom/plugin-ai-training-common';

/** Where people and schedulers keep what programs print. */
export const LOG_FOLDERS = ['logs', 'log'];

const LOG_NAME =
  /(?:^|[._-])(?:stdout|stderr|std_log|output)(?:[._-]|$)|\.(?:log|out|err)$/i;
const TEXT_NAME = /\.(?:log|out|err|txt|jsonl)$|^[^.]+$/i;

/** Text logs among the files of a run: by their endings, their names, or the folder that they lie in. */
export function logFiles(files: readonly ArtifactFile[]): ArtifactFile[] {
  return files.filter(({ path, isFolder }) => {
    if (isFolder) return false;
    const cut = path.lastIndexOf('/');
    const name = path.slice(cut + 1);
    const folder = cut < 0 ? '' : path.slice(0, cut);
    return (
      LOG_NAME.test(name) ||
      (LOG_FOLDERS.includes(folder) && TEXT_NAME.test(name))
    );
  });
}

/** Escape sequences of terminals, which say colours, move the cursor, and name windows and links. */
const TERMINAL =
  // eslint-disable-next-line no-control-regex
  /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b\n]*(?:\u0007|\u001b\\)|[ -/]*[0-Z\\^-~])/g;

/**
 * Lines of the end of a log. A progress bar that was drawn over and over (with carriage returns) is one line, as it was
 * last drawn.
 *
 * @param isCut - it does not begin at the beginning: its first line may be a part of one, and is left out
 */
export function logLines(text: string, isCut: boolean): string[] {
  const lines = text.replace(TERMINAL, '').replace(/\r\n/g, '\n').split('\n');
  if (isCut && lines.length > 1) lines.shift();
  if (lines.at(-1) === '') lines.pop();
  return lines.map(line => {
    const drawn = line.replace(/\r+$/, '');
    return drawn.slice(drawn.lastIndexOf('\r') + 1);
  });
}

/** Lines that have these words in them, whatever their case. */
export function findLines(lines: readonly string[], words: string): string[] {
  const wanted = words.trim().toLocaleLowerCase('en');
  return wanted === ''
    ? [...lines]
    : lines.filter(line => line.toLocaleLowerCase('en').includes(wanted));
}

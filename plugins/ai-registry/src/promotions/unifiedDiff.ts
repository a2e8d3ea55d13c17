export interface DiffLine {
  kind: 'added' | 'removed' | 'context' | 'hunk';
  text: string;
  /** Line number before and after the change, where the line exists there. */
  before?: number;
  after?: number;
}

export interface FileDiff {
  /** Path after the change. */
  path: string;
  change: 'added' | 'removed' | 'modified';
  lines: DiffLine[];
}

const HUNK = /^@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@/;

/** Reads a unified diff as Git prints it into files and numbered lines. */
export function parseUnifiedDiff(diff: string): FileDiff[] {
  const files: FileDiff[] = [];
  let file: FileDiff | undefined;
  let before = 0;
  let after = 0;
  let inHunk = false;

  for (const line of diff.split('\n')) {
    const hunk = HUNK.exec(line);
    if (line.startsWith('diff --git ')) {
      file = { path: gitPath(line), change: 'modified', lines: [] };
      files.push(file);
      inHunk = false;
    } else if (!inHunk && line.startsWith('--- ')) {
      // A diff without Git's header starts here.
      if (!file || file.lines.length > 0) {
        file = { path: '', change: 'modified', lines: [] };
        files.push(file);
      }
      if (line === '--- /dev/null') file.change = 'added';
      else file.path = line.slice(4).replace(/^a\//, '');
    } else if (!inHunk && line.startsWith('+++ ') && file) {
      if (line === '+++ /dev/null') file.change = 'removed';
      else file.path = line.slice(4).replace(/^b\//, '');
    } else if (hunk && file) {
      before = Number(hunk[1]);
      after = Number(hunk[2]);
      inHunk = true;
      file.lines.push({ kind: 'hunk', text: line });
    } else if (inHunk && file) {
      const text = line.slice(1);
      if (line.startsWith('+')) {
        file.lines.push({ kind: 'added', text, after: after++ });
      } else if (line.startsWith('-')) {
        file.lines.push({ kind: 'removed', text, before: before++ });
      } else if (line.startsWith(' ')) {
        file.lines.push({
          kind: 'context',
          text,
          before: before++,
          after: after++,
        });
      }
    }
  }
  return files;
}

/** The manifest's format before and after a change that brings it to another version. */
export function findFormatChange({
  lines,
}: FileDiff): { before: string; after: string } | undefined {
  const formatOf = (kind: DiffLine['kind']) =>
    lines
      .filter(line => line.kind === kind)
      .map(({ text }) => /^apiVersion: *(\S+)/.exec(text)?.[1])
      .find(format => format !== undefined);
  const before = formatOf('removed');
  const after = formatOf('added');
  return before === undefined || after === undefined || before === after
    ? undefined
    : { before, after };
}

function gitPath(header: string): string {
  return / b\/(.+)$/.exec(header)?.[1] ?? header.slice('diff --git '.length);
}

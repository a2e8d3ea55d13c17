/** A file of a version, and where it is to lie among the others. */
export interface PickedFile {
  path: string;
  file: File;
}

/** What file managers leave in folders; nobody means to upload it. */
const CLUTTER = new Set(['.DS_Store', 'Thumbs.db', 'desktop.ini']);

/** Files that were chosen: several, or all of a folder. */
export function pickChosen(files: Iterable<File>): PickedFile[] {
  return tidy(
    Array.from(files, file => ({
      path: file.webkitRelativePath || file.name,
      file,
    })),
  );
}

/** Files that were dropped, and those in folders that were. */
export async function pickDropped(
  dropped: Pick<DataTransfer, 'items' | 'files'>,
): Promise<PickedFile[]> {
  // Has to be read before anything is waited for.
  const entries = Array.from(dropped.items ?? [], item =>
    item.webkitGetAsEntry?.(),
  ).filter(entry => entry !== null && entry !== undefined);
  if (entries.length === 0) return pickChosen(dropped.files);
  const picked: PickedFile[] = [];
  for (const entry of entries) await collect(entry, picked);
  return tidy(picked);
}

async function collect(
  entry: FileSystemEntry,
  picked: PickedFile[],
): Promise<void> {
  if (isFileEntry(entry)) {
    const file = await new Promise<File>((resolve, reject) => {
      entry.file(resolve, reject);
    });
    picked.push({ path: entry.fullPath.replace(/^\//, ''), file });
    return;
  }
  if (!isFolderEntry(entry)) return;
  const reader = entry.createReader();
  for (;;) {
    // Browsers give a hundred at a time, and none at the end.
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) => {
      reader.readEntries(resolve, reject);
    });
    if (some.length === 0) return;
    for (const inner of some) await collect(inner, picked);
  }
}

function isFileEntry(entry: FileSystemEntry): entry is FileSystemFileEntry {
  return entry.isFile;
}

function isFolderEntry(
  entry: FileSystemEntry,
): entry is FileSystemDirectoryEntry {
  return entry.isDirectory;
}

/** Paths as bundles have them: from the folder that holds everything, and in the form NFC. */
function tidy(picked: PickedFile[]): PickedFile[] {
  const kept = picked
    .filter(({ path }) => !CLUTTER.has(path.split('/').at(-1) ?? ''))
    .map(({ path, file }) => ({ path: path.normalize('NFC'), file }));
  const [first] = kept;
  const top = first?.path.slice(0, first.path.indexOf('/') + 1);
  const inOneFolder = top && kept.every(({ path }) => path.startsWith(top));
  return (
    inOneFolder
      ? kept.map(({ path, file }) => ({ path: path.slice(top.length), file }))
      : kept
  ).sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** Bytes of files that are read at the same time. */
const MAX_BATCH_BYTES = 8 * 1024 * 1024;

/** A file below a folder. */
export interface ListedFile {
  type: string;
  object: string;
  sizeBytes: number;
  path: string;
}

/** A line of `ls-tree -l`: mode, type, object and size, a tab, and the path. */
export function toListedFile(line: string): ListedFile {
  const tab = line.indexOf('\t');
  const [, type, object, size] = line.slice(0, tab).split(/ +/);
  return { type, object, sizeBytes: Number(size), path: line.slice(tab + 1) };
}

/** Parts that each fit well into memory. */
export function batchesOf(entries: ListedFile[]): ListedFile[][] {
  const batches: ListedFile[][] = [];
  let batchBytes = Infinity;
  for (const entry of entries) {
    if (batchBytes + entry.sizeBytes > MAX_BATCH_BYTES) {
      batches.push([]);
      batchBytes = 0;
    }
    batches.at(-1)!.push(entry);
    batchBytes += entry.sizeBytes;
  }
  return batches;
}

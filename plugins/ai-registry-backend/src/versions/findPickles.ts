/** A file of a version, by its path and its first bytes. */
export interface FileHead {
  path: string;
  /** The first {@link HEAD_BYTES} bytes, or all of a smaller file. */
  head: Uint8Array;
}

export const HEAD_BYTES = 4_096;

/** What happens with such files when a version is registered: nothing, they are named in the version, or it is refused. */
export const PICKLE_POLICIES = ['allow', 'mark', 'refuse'] as const;

export type PicklePolicy = (typeof PICKLE_POLICIES)[number];

/** Formats that are pickles, or hold some, by what their tools call them. */
const ENDINGS =
  /\.(?:pkl|pickle|pck|pcl|joblib|dill|cloudpickle|pt|pth|ckpt|skops-unsafe)$/i;

/**
 * Files that run code of whoever made them when they are loaded: Python's pickles, whatever they are called.
 *
 * @returns paths, in the order of the files
 */
export function findPickles(files: readonly FileHead[]): string[] {
  return files
    .filter(({ path, head }) => ENDINGS.test(path) || isPickle(head))
    .map(({ path }) => path);
}

/** Protocol 2 and later begin with PROTO and a version; PyTorch's archives name their pickle first. */
function isPickle(head: Uint8Array): boolean {
  const [first, version, third] = head;
  if (first === 0x80 && version >= 2 && version <= 5) {
    // Frames from protocol 4 on; before, an opcode, which is printable or a short one of protocol 2.
    return version < 4 || third === 0x95;
  }
  const isZip = first === 0x50 && version === 0x4b && third === 0x03;
  return isZip && Buffer.from(head).includes('data.pkl');
}

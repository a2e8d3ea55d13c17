import type { FileChange } from '../../environments/GitHost';
import type { GitObjects } from './GitObjects';
import {
  FILE_MODE,
  FOLDER_MODE,
  fromBytes,
  isFolder,
  printTree,
  toBytes,
  type TreeEntry,
} from './objects';
import { GitError } from './runGit';

/** Folders of files, as Git keeps them. */
export class Trees {
  readonly #objects: GitObjects;

  constructor(objects: GitObjects) {
    this.#objects = objects;
  }

  /** Paths of the files that differ between two folders, sorted; renames are not looked for. */
  async changedPaths(from: string, to: string): Promise<string[]> {
    const changed: string[] = [];
    await this.#compare(from, to, '', changed);
    return changed.sort().map(fromBytes);
  }

  /**
   * Writes a folder that has the files of another one with the changes.
   *
   * @param tree - undefined begins with none
   * @returns its id
   */
  async write(
    tree: string | undefined,
    changes: readonly FileChange[],
  ): Promise<string> {
    const files = await Promise.all(
      changes.map(async ({ path, content }) => ({
        names: namesOf(path),
        id:
          content === undefined
            ? undefined
            : await this.#objects.write('blob', Buffer.from(content)),
      })),
    );
    const written = await this.#writeFolder(tree, files);
    return written ?? this.#objects.write('tree', Buffer.alloc(0));
  }

  async #compare(
    from: string | undefined,
    to: string | undefined,
    folder: string,
    changed: string[],
  ): Promise<void> {
    if (from === to) return;
    const [before, after] = await Promise.all([
      this.#entries(from),
      this.#entries(to),
    ]);
    for (const name of new Set([...before.keys(), ...after.keys()])) {
      const [old, now] = [before.get(name), after.get(name)];
      if (old?.id === now?.id && old?.mode === now?.mode) continue;
      const path = `${folder}${name}`;
      const isFile = [old, now].some(entry => entry && !isFolder(entry));
      if (isFile) changed.push(path);
      await this.#compare(
        old && isFolder(old) ? old.id : undefined,
        now && isFolder(now) ? now.id : undefined,
        `${path}/`,
        changed,
      );
    }
  }

  /** @returns undefined for a folder that nothing is left in: Git keeps none */
  async #writeFolder(
    tree: string | undefined,
    files: readonly ChangedFile[],
  ): Promise<string | undefined> {
    const entries = await this.#entries(tree);
    const below = new Map<string, ChangedFile[]>();
    for (const { names, id } of files) {
      const [name, ...rest] = names;
      if (rest.length > 0) {
        below.set(name, [...(below.get(name) ?? []), { names: rest, id }]);
      } else if (id === undefined) {
        entries.delete(name);
      } else {
        entries.set(name, { mode: FILE_MODE, name, id });
      }
    }
    for (const [name, inside] of below) {
      const old = entries.get(name);
      const before = old && isFolder(old) ? old.id : undefined;
      const id = await this.#writeFolder(before, inside);
      if (id !== undefined) {
        entries.set(name, { mode: FOLDER_MODE, name, id });
      } else if (before !== undefined) {
        entries.delete(name);
      }
    }
    return entries.size === 0
      ? undefined
      : this.#objects.write('tree', printTree([...entries.values()]));
  }

  async #entries(tree: string | undefined): Promise<Map<string, TreeEntry>> {
    const found = tree === undefined ? [] : await this.#objects.tree(tree);
    if (!found) {
      throw new GitError(['cat-file'], undefined, `${tree} is not a tree`);
    }
    return new Map(found.map(entry => [entry.name, entry]));
  }
}

/** A file, as seen from a folder; without an id it is to be removed. */
interface ChangedFile {
  names: string[];
  id: string | undefined;
}

/** @throws GitError for a path that Git would not check out */
function namesOf(path: string): string[] {
  const names = path.split('/');
  const isRefused = (name: string) =>
    ['', '.', '..'].includes(name) ||
    name.toLowerCase() === '.git' ||
    name.includes('\0');
  if (names.some(isRefused)) {
    throw new GitError(['hash-object'], undefined, `Invalid path '${path}'`);
  }
  return names.map(toBytes);
}

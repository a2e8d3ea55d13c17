import { InputError } from '@backstage/errors';
import type { Person } from '../../environments/GitHost';

export type ObjectType = 'blob' | 'tree' | 'commit' | 'tag';

/** Anything that Git keeps, under the digest of its content. */
export interface GitObject {
  id: string;
  type: ObjectType;
  content: Buffer;
}

export interface CommitObject {
  id: string;
  tree: string;
  parents: string[];
  author: Person;
  committer: Person;
}

/** A line of a folder. */
export interface TreeEntry {
  /** Octal, as Git writes it: `40000` is a folder, `100644` a file. */
  mode: string;
  /** Byte by byte: names need not be UTF-8, and have to stay what they are. */
  name: string;
  id: string;
}

export const FILE_MODE = '100644';
export const FOLDER_MODE = '40000';
const FOLDER_MODE_BITS = 0o40000;
const SPACE = 0x20;

export function isFolder({ mode }: Pick<TreeEntry, 'mode'>): boolean {
  return Number.parseInt(mode, 8) === FOLDER_MODE_BITS;
}

/** A name as it stands in a folder. */
export function toBytes(name: string): string {
  return Buffer.from(name, 'utf8').toString('latin1');
}

/** A name as people read it. */
export function fromBytes(bytes: string): string {
  return Buffer.from(bytes, 'latin1').toString('utf8');
}

/** @returns undefined for one whose text is not UTF-8, or that is not written as Git does */
export function parseCommit({
  id,
  content,
}: GitObject): CommitObject | undefined {
  const text = content.toString('utf8');
  const header = text.slice(0, text.indexOf('\n\n') + 1);
  if (/^encoding /m.test(header)) return undefined;
  const values = (name: string) =>
    [...header.matchAll(new RegExp(`^${name} (.*)$`, 'gm'))].map(
      ([, value]) => value,
    );
  const [tree] = values('tree');
  const [author] = values('author').map(parsePerson);
  const [committer] = values('committer').map(parsePerson);
  return tree && author && committer
    ? { id, tree, parents: values('parent'), author, committer }
    : undefined;
}

/** A name, an address in angle brackets, and when. */
function parsePerson(text: string): Person | undefined {
  const match = /^(.*?) ?<([^>]*)> \d+ [-+]\d{4}$/.exec(text);
  return match ? { name: match[1], email: match[2] } : undefined;
}

export function parseTree({ id, content }: GitObject): TreeEntry[] {
  // As long as the digest that it has itself.
  const idBytes = id.length / 2;
  const entries: TreeEntry[] = [];
  let position = 0;
  while (position < content.length) {
    const space = content.indexOf(SPACE, position);
    const end = content.indexOf(0, space);
    entries.push({
      mode: content.toString('latin1', position, space),
      name: content.toString('latin1', space + 1, end),
      id: content.toString('hex', end + 1, end + 1 + idBytes),
    });
    position = end + 1 + idBytes;
  }
  return entries;
}

/** As Git wants them: sorted by bytes, a folder as if its name ended with a slash. */
export function printTree(entries: readonly TreeEntry[]): Buffer {
  const keyOf = (entry: TreeEntry) =>
    isFolder(entry) ? `${entry.name}/` : entry.name;
  const sorted = [...entries].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  return Buffer.concat(
    sorted.flatMap(({ mode, name, id }) => [
      Buffer.from(`${mode} ${name}\0`, 'latin1'),
      Buffer.from(id, 'hex'),
    ]),
  );
}

/** @param options.atSeconds - since 1970 */
export function printCommit(options: {
  tree: string;
  parents: readonly string[];
  author: Person;
  committer: Person;
  atSeconds: number;
  message: string;
}): Buffer {
  if (options.message.includes('\0')) {
    throw new InputError(
      'The message of a commit has a NUL character: expected none',
    );
  }
  const { tree, parents, author, committer, atSeconds, message } = options;
  const by = ({ name, email }: Person) =>
    `${cleanIdentity(name)} <${cleanIdentity(email)}> ${atSeconds} +0000`;
  return Buffer.from(
    [
      `tree ${tree}`,
      ...parents.map(parent => `parent ${parent}`),
      `author ${by(author)}`,
      `committer ${by(committer)}`,
      '',
      message.endsWith('\n') ? message : `${message}\n`,
    ].join('\n'),
  );
}

/** Git refuses an empty identity, and these characters would end it early. */
function cleanIdentity(text: string): string {
  const isSafe = (c: string) => c >= ' ' && !'<>\x7f'.includes(c);
  return [...text].filter(isSafe).join('').trim() || 'unknown';
}

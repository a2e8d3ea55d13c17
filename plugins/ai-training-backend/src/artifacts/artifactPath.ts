import { InputError } from '@backstage/errors';

/** Whom a file belongs to; both have experiments. */
export type ArtifactOwner =
  | { kind: 'run'; id: string }
  | { kind: 'model'; id: string };

/** A file or folder of a run or a logged model. */
export interface ArtifactPath {
  /** Number of the experiment. */
  experiment: string;
  owner: ArtifactOwner;
  /** Below the owner's folder, such as `model/MLmodel`; empty for the folder itself. */
  path: string;
}

/** What an index takes, with room to spare. */
const MAX_PATH_BYTES = 1_024;
/** What file systems take. */
const MAX_NAME_BYTES = 255;
/** What is decoded this often is no name that anybody chose. */
const MAX_DECODINGS = 10;
// eslint-disable-next-line no-control-regex
const CONTROL_CHARACTER = /[\u0000-\u001f\u007f]/;

/**
 * Reads where a file lies below the proxy: `<experiment>/<run>/artifacts/<path>`, or
 * `<experiment>/models/<logged model>/artifacts/<path>`.
 *
 * @throws InputError when it is another path, or one that could lead elsewhere
 */
export function parseArtifactPath(text: string): ArtifactPath {
  const [experiment, ...rest] = checkPath(text).split('/');
  const [id, folder, ...path] = rest[0] === 'models' ? rest.slice(1) : rest;
  if (
    !/^(0|[1-9]\d{0,17})$/.test(experiment) ||
    !id ||
    folder !== 'artifacts'
  ) {
    throw new InputError(
      `Invalid path '${text}': expected <experiment>/<run>/artifacts/<path>, or <experiment>/models/<logged model>/artifacts/<path>`,
    );
  }
  const kind = rest[0] === 'models' ? 'model' : 'run';
  return { experiment, owner: { kind, id }, path: path.join('/') };
}

/** Where a file lies in its experiment. */
export function pathInExperiment({ owner, path }: ArtifactPath): string {
  const folder = owner.kind === 'model' ? `models/${owner.id}` : owner.id;
  return path === '' ? `${folder}/artifacts` : `${folder}/artifacts/${path}`;
}

/**
 * A relative path of names with `/` between them.
 *
 * @throws InputError when it leads out of its folder, also if it is decoded once more, or no file system takes it
 */
export function checkPath(path: string): string {
  const decoded = decodeAll(path);
  const problem = [path, decoded].map(problemWith).find(it => it !== undefined);
  if (problem !== undefined) {
    throw new InputError(`Invalid path '${path}': ${problem}`);
  }
  return path;
}

function problemWith(path: string): string | undefined {
  const names = path.split('/');
  if (CONTROL_CHARACTER.test(path)) return 'it has a control character';
  if (/[#\\]/.test(path)) return 'it has a # or a backslash';
  if (/^[a-z]:/i.test(path)) return 'it begins with a drive';
  if (names.includes('')) return 'a name in it is empty';
  if (names.some(name => name === '.' || name === '..')) {
    return "'.' and '..' are no names";
  }
  if (Buffer.byteLength(path) > MAX_PATH_BYTES) {
    return `it is longer than ${MAX_PATH_BYTES} bytes`;
  }
  return names.some(name => Buffer.byteLength(name) > MAX_NAME_BYTES)
    ? `a name in it is longer than ${MAX_NAME_BYTES} bytes`
    : undefined;
}

/** As somebody has it who decodes it as often as it can be. */
function decodeAll(path: string): string {
  let decoded = path;
  for (let round = 0; round < MAX_DECODINGS; round++) {
    const next = decoded.replace(/%[0-9a-f]{2}/gi, code =>
      String.fromCharCode(parseInt(code.slice(1), 16)),
    );
    if (next === decoded) return decoded;
    decoded = next;
  }
  throw new InputError(`Invalid path '${path}': it is encoded too often`);
}

import { explainPath } from './explainPath';

/** One file of a bundle. */
export interface BundleFile {
  /** Relative, with `/` between folders, in Unicode's form NFC. */
  path: string;
  /** `sha256:` and 64 hexadecimal digits. */
  digest: `sha256:${string}`;
  sizeBytes: number;
}

/** The files that a version is made of. */
export interface Bundle<Format extends string = string> {
  /** What the files are together, e.g. `onnx`. */
  format: Format;
  files: BundleFile[];
}

export const MAX_BUNDLE_FILES = 10_000;

const DIGEST_PATTERN = /^sha256:[0-9a-f]{64}$/;
const FORMAT_PATTERN = /^[a-z][a-z0-9-]{0,63}$/;

/** A bundle that cannot be taken; the message names the file and says what to do. */
export class BundleError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'BundleError';
  }
}

/**
 * Looks at a list of files before anything is done with it.
 *
 * @throws BundleError that names the first file that is wrong
 */
export function checkBundle({ format, files }: Bundle): void {
  if (!FORMAT_PATTERN.test(format)) {
    throw new BundleError(
      `format '${format}' is no name of a format, such as onnx`,
    );
  }
  if (files.length === 0 || files.length > MAX_BUNDLE_FILES) {
    throw new BundleError(
      `The bundle has ${files.length} files, where 1 to ${MAX_BUNDLE_FILES} are expected`,
    );
  }
  for (const { path, digest, sizeBytes } of files) {
    const wrong = explainPath(path);
    if (wrong) throw new BundleError(`File ${JSON.stringify(path)} ${wrong}`);
    if (!DIGEST_PATTERN.test(digest)) {
      throw new BundleError(
        `File '${path}' has the digest '${digest}', where sha256: and 64 hexadecimal digits are expected`,
      );
    }
    if (!Number.isSafeInteger(sizeBytes) || sizeBytes < 0) {
      throw new BundleError(
        `File '${path}' has the size ${sizeBytes}, where a number of bytes is expected`,
      );
    }
  }
  checkPlaces(files);
}

/** Size of all files together, in bytes. */
export function bundleBytes(files: readonly BundleFile[]): number {
  return files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
}

/** No two files may lie in the same place, on disks that ignore the case of letters neither. */
function checkPlaces(files: readonly BundleFile[]): void {
  const fileAt = new Map<string, string>();
  for (const { path } of files) {
    const other = fileAt.get(keyOf(path));
    if (other === path) {
      throw new BundleError(`File '${path}' is named twice`);
    }
    if (other !== undefined) {
      throw new BundleError(
        `Files '${other}' and '${path}' differ in the case of letters only, and would be one file on many disks: rename one`,
      );
    }
    fileAt.set(keyOf(path), path);
  }
  const folderAt = new Map<string, string>();
  for (const { path } of files) {
    for (let at = path.indexOf('/'); at > 0; at = path.indexOf('/', at + 1)) {
      const folder = path.slice(0, at);
      const file = fileAt.get(keyOf(folder));
      if (file !== undefined) {
        throw new BundleError(
          `File '${path}' lies in '${file}', which is a file: rename one`,
        );
      }
      const other = folderAt.get(keyOf(folder)) ?? folder;
      if (other !== folder) {
        throw new BundleError(
          `File '${path}' lies in '${folder}', which differs from '${other}' in the case of letters only: rename one`,
        );
      }
      folderAt.set(keyOf(folder), folder);
    }
  }
}

function keyOf(path: string): string {
  return path.toLowerCase().normalize('NFC');
}

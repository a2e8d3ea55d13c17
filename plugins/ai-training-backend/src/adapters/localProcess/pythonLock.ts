import { PreparationError } from './PreparationError';

const REQUIREMENT_PATTERN =
  /^([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)(?:\[[A-Za-z0-9._, -]*\])?\s*===?\s*([A-Za-z0-9][A-Za-z0-9._+!-]*)\s*(;.*)?$/;
const HASH_PATTERN = /--hash[= ]\s*[a-z0-9]+:[0-9a-f]+/g;

/** What a lock file names. */
export interface PythonLock {
  packages: { name: string; version: string; hasHash: boolean }[];
  /** Whether what is installed is held against what the file says of its content. */
  hasHashes: boolean;
}

/**
 * Reads a list of Python packages that says exactly what is installed: names, versions, and for all of them or none
 * the hashes of their files. Options of pip, ranges, addresses and other lists are not taken: the same file would be
 * something else tomorrow.
 *
 * @param file - as messages name it
 * @throws PreparationError that names the line
 */
export function readPythonLock(text: string, file: string): PythonLock {
  const packages = linesOf(text).map(({ line, number }) => {
    const hashes = line.match(HASH_PATTERN) ?? [];
    const rest = line.replace(HASH_PATTERN, '').trim();
    const [, name, version] = REQUIREMENT_PATTERN.exec(rest) ?? [];
    if (name === undefined) {
      throw new PreparationError(
        `${file}, line ${number}: expected a package with its exact version, such as numpy==2.4.6, and found '${rest.slice(
          0,
          100,
        )}'. \`pip freeze\` and \`pip-compile --generate-hashes\` write such files`,
      );
    }
    return { name, version, hasHash: hashes.length > 0 };
  });
  const without = packages.find(({ hasHash }) => !hasHash);
  const hasHashes = packages.some(({ hasHash }) => hasHash);
  if (hasHashes && without) {
    throw new PreparationError(
      `${file}: ${without.name} has no hash, and others have: write hashes for all of them, or for none`,
    );
  }
  return { packages, hasHashes };
}

/** Without comments and empty ones, and with those that go on put together. */
function linesOf(text: string): { line: string; number: number }[] {
  const lines: { line: string; number: number }[] = [];
  let open: { line: string; number: number } | undefined;
  text.split(/\r?\n/).forEach((raw, index) => {
    const bare = raw.replace(/(^|\s)#.*$/, '').trimEnd();
    const goesOn = bare.endsWith('\\');
    const part = goesOn ? bare.slice(0, -1) : bare;
    open = open
      ? { ...open, line: `${open.line} ${part.trim()}` }
      : { line: part.trim(), number: index + 1 };
    if (goesOn) return;
    if (open.line.trim() !== '') lines.push(open);
    open = undefined;
  });
  if (open) lines.push(open);
  return lines;
}

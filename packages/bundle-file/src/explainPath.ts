const MAX_PATH_BYTES = 512;
/** Most file systems take no longer name. */
const MAX_NAME_BYTES = 255;
/** The list of the files is called so. */
const RESERVED = 'bundle.json';

/** What is wrong with the path of a file in a bundle; undefined when nothing is. */
export function explainPath(path: string): string | undefined {
  if (path === '') return 'has no path';
  if (/\p{Surrogate}/u.test(path)) {
    return 'has half a character in its path: rename it';
  }
  if (/\p{Control}/u.test(path)) {
    return 'has a control character in its path: rename it';
  }
  if (path.includes('\\')) {
    return "has a backslash in its path: write '/' between folders";
  }
  if (path.startsWith('/') || /^[A-Za-z]:/.test(path)) {
    return 'has an absolute path: name it from the top of the bundle';
  }
  if (path !== path.normalize('NFC')) {
    return 'has a path that is not in the Unicode form NFC: normalise it';
  }
  if (bytesOf(path) > MAX_PATH_BYTES) {
    return `has a path of more than ${MAX_PATH_BYTES} bytes: shorten it`;
  }
  for (const name of path.split('/')) {
    if (name === '' || name === '.' || name === '..') {
      return `has '${name}' between the '/' of its path: write the names of folders only`;
    }
    if (bytesOf(name) > MAX_NAME_BYTES) {
      return `has a name of more than ${MAX_NAME_BYTES} bytes: shorten it`;
    }
  }
  if (path.toLowerCase() === RESERVED) {
    return 'is called like the list of files itself: rename it';
  }
  return undefined;
}

function bytesOf(text: string): number {
  return new TextEncoder().encode(text).length;
}

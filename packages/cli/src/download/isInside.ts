/** Whether a path, with slashes, names a file below the folder that it is of, on every system. */
export function isInside(path: string): boolean {
  return (
    !/[\p{Cc}\\]/u.test(path) &&
    !/^[A-Za-z]:/.test(path) &&
    path.split('/').every(name => name !== '' && name !== '.' && name !== '..')
  );
}

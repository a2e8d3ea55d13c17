// @ts-check
import { execFileSync } from 'node:child_process';

/** The package.json in a tarball. */
export function manifestOf(file) {
  return JSON.parse(readFromTarball(file, 'package/package.json'));
}

/** Paths of all files in a tarball, without the folder that all are in. */
export function filesOf(file) {
  return execFileSync('tar', ['-tzf', file], { encoding: 'utf8' })
    .trim()
    .split('\n')
    .map(name => name.replace(/^package\//, ''));
}

function readFromTarball(file, name) {
  return execFileSync('tar', ['-xzOf', file, name], {
    encoding: 'utf8',
    maxBuffer: 16 * 1024 ** 2,
  });
}

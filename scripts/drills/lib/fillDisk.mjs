// @ts-check
import { execFileSync } from 'node:child_process';
import { statfsSync, writeFileSync } from 'node:fs';

const MEBIBYTE = 1024 ** 2;

/** Fills the disk that a folder is on with one file, which is removed to have room again. */
export function fillDisk(folder, file) {
  const { bavail, bsize } = statfsSync(folder);
  writeFileSync(file, '');
  const mebibytes = Math.ceil((bavail * bsize) / MEBIBYTE) + 1;
  try {
    execFileSync(
      'dd',
      ['if=/dev/zero', `of=${file}`, 'bs=1M', `count=${mebibytes}`],
      { stdio: 'ignore' },
    );
  } catch {
    // It ends when nothing fits any more, which is what it is for.
  }
}

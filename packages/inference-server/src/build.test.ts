import { execFileSync } from 'node:child_process';
import {
  closeSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

it('puts programs in their place whole: who has begun to read one reads all of it', () => {
  const folder = mkdtempSync(join(tmpdir(), 'build-'));
  const build = () =>
    execFileSync(process.execPath, [
      join(__dirname, '../build.mjs'),
      ...['--out', folder, '--only', 'modelWorker'],
    ]);
  try {
    build();
    const program = join(folder, 'modelWorker.cjs');
    const first = statSync(program);
    const opened = openSync(program, 'r');
    build();
    expect(readFileSync(opened)).toHaveLength(first.size);
    closeSync(opened);
    // Another file, and not the same one written over.
    expect(statSync(program).ino).not.toBe(first.ino);
    expect(readdirSync(folder).sort()).toEqual([
      'modelWorker.cjs',
      'modelWorker.cjs.map',
    ]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

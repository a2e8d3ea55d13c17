import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pretendGit } from './__testUtils__/pretendGit';
import { runGit } from './runGit';

describe('runGit', () => {
  let folder: string;
  let restore = () => {};

  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'run-git-'));
  });
  afterEach(async () => {
    restore();
    await rm(folder, { recursive: true });
  });

  async function pretend(script: string): Promise<void> {
    restore = await pretendGit(folder, `#!/bin/sh\n${script}\n`);
  }

  const run = (options: Partial<Parameters<typeof runGit>[0]> = {}) =>
    runGit({ gitDirectory: folder, args: ['status'], ...options });

  it('gives up on a command that takes too long', async () => {
    await pretend('exec sleep 60');
    await expect(run({ timeoutMillis: 100 })).rejects.toThrow(
      'git status failed: it took longer than 100 ms',
    );
  });

  it('stops a command that prints without end', async () => {
    await pretend('exec yes');
    await expect(run()).rejects.toThrow('it printed more than 33554432 bytes');
  });

  it('keeps no more than the start of a long error message', async () => {
    await pretend('head -c 100000 /dev/zero | tr "\\0" x >&2; exit 3');
    const error = await run().catch(failure => failure);
    expect(error).toMatchObject({ name: 'GitError', exitCode: 3 });
    expect(error.message.length).toBeLessThan(70_000);
  });

  it('stops when it is asked to', async () => {
    await pretend('exec sleep 60');
    const abort = new AbortController();
    const running = run({ signal: abort.signal });
    abort.abort();
    await expect(running).rejects.toThrow('aborted');
  });

  it('survives a command that does not read what it is given', async () => {
    await pretend('exit 0');
    const input = Buffer.alloc(5_000_000);
    expect(await run({ input })).toMatchObject({ exitCode: 0 });
  });

  it('takes an expected exit code for an answer', async () => {
    await pretend('echo no; exit 1');
    const { stdout, exitCode } = await run({ expectedExitCodes: [1] });
    expect({ exitCode, answer: stdout.toString() }).toEqual({
      exitCode: 1,
      answer: 'no\n',
    });
    await expect(run()).rejects.toThrow('git status failed: exit code 1');
  });

  it('says that Git cannot be started', async () => {
    await pretend('exit 0');
    await chmod(path.join(folder, 'git'), 0o644);
    process.env.PATH = folder;
    await expect(run()).rejects.toThrow(/EACCES|Git is not installed/);
  });
});

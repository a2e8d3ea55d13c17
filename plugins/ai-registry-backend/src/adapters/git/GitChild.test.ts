import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { AnswerParser } from './AnswerReader';
import { GitChild, type GitChildOptions } from './GitChild';
import { pretendGit } from './__testUtils__/pretendGit';

function* line(): AnswerParser<string> {
  return (yield 'line').toString();
}

function* sized(): AnswerParser<Buffer> {
  const content = yield Number(yield 'line');
  yield 1;
  return content;
}

/** Writes down that it lives, and answers each line as the body of a switch says. */
const program = (cases: string) => `#!/bin/sh
echo $$ >> "$(dirname "$0")/lives"
while read -r line; do
  case $line in
${cases}
  *) echo "$line!" ;;
  esac
done
`;

describe('GitChild', () => {
  let folder: string;
  let restore: () => void;
  let child: GitChild;

  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'git-child-'));
    restore = () => {};
  });
  afterEach(async () => {
    await child.close();
    restore();
    await rm(folder, { recursive: true });
  });

  async function start(
    script: string,
    options: Partial<GitChildOptions> = {},
  ): Promise<void> {
    restore = await pretendGit(folder, script);
    child = new GitChild({ gitDirectory: folder, args: ['talk'], ...options });
  }

  /** Process ids of all that were started, oldest first. */
  async function lives(): Promise<number[]> {
    const text = await readFile(path.join(folder, 'lives'), 'utf8');
    return text.trim().split('\n').map(Number);
  }

  it('answers many questions, asked at the same time, in one process', async () => {
    await start(program(''));
    const words = Array.from({ length: 500 }, (_, index) => `word${index}`);
    const answers = await Promise.all(words.map(word => child.ask(word, line)));
    expect(answers).toEqual(words.map(word => `${word}!`));
    expect(await lives()).toHaveLength(1);
  });

  it('takes apart an answer of many megabytes, and one that is empty', async () => {
    await start(
      program(
        '  big) echo 9000000; head -c 9000000 /dev/zero | tr "\\0" x; echo ;;\n  empty) echo 0; echo ;;',
      ),
    );
    const [big, empty, after] = await Promise.all([
      child.ask('big', sized),
      child.ask('empty', sized),
      child.ask('after', line),
    ]);
    expect(big.equals(Buffer.alloc(9_000_000, 'x'))).toBe(true);
    expect(empty).toHaveLength(0);
    expect(after).toBe('after!');
  });

  it('asks once more when the process was killed while it answered', async () => {
    await start(
      program(
        '  once) if [ -e "$0.died" ]; then echo alive; else touch "$0.died"; kill -9 $$; fi ;;',
      ),
    );
    const answers = ['before', 'once', 'after'].map(word =>
      child.ask(word, line),
    );
    expect(await Promise.all(answers)).toEqual(['before!', 'alive', 'after!']);
    expect(await lives()).toHaveLength(2);
  });

  it('fails the question alone that always kills the process, with what it said', async () => {
    await start(program('  bad) echo "fatal: it is corrupt" >&2; exit 128 ;;'));
    const words = ['before', 'bad', 'after'];
    const answers = await Promise.allSettled(
      words.map(word => child.ask(word, line)),
    );
    expect(answers).toMatchObject([
      { value: 'before!' },
      {
        reason: {
          message: 'git talk failed: fatal: it is corrupt',
          exitCode: 128,
        },
      },
      { value: 'after!' },
    ]);
  });

  it('does not repeat what may be done only once', async () => {
    await start(program('  bad) exit 1 ;;'));
    await expect(
      child.ask('bad', line, { isRepeatable: false }),
    ).rejects.toThrow('git talk failed: exit code 1');
    expect(await lives()).toHaveLength(1);
  });

  it('replaces a process that hangs, and goes on with the other questions', async () => {
    await start(program('  hang) exec sleep 60 ;;'), { timeoutMillis: 300 });
    const words = ['before', 'hang', 'after'];
    const answers = await Promise.allSettled(
      words.map(word => child.ask(word, line)),
    );
    expect(answers).toMatchObject([
      { value: 'before!' },
      { reason: { message: 'git talk failed: it took longer than 300 ms' } },
      { value: 'after!' },
    ]);
    const [hung] = await lives();
    await until(() => !isAlive(hung));
  });

  it('replaces a process whose answer cannot be understood', async () => {
    await start(program(''));
    function* refuse(): AnswerParser<string> {
      throw new Error(`What is ${yield 'line'}?`);
    }
    const answers = [child.ask('odd', refuse), child.ask('after', line)];
    expect(await Promise.allSettled(answers)).toMatchObject([
      { reason: { message: 'What is odd!?' } },
      { value: 'after!' },
    ]);
    expect(await lives()).toHaveLength(2);
  });

  it('replaces a process that says what nobody has asked for', async () => {
    await start(program("  twice) printf 'one\\ntwo\\n' ;;"));
    expect(await child.ask('twice', line)).toBe('one');
    expect(await child.ask('next', line)).toBe('next!');
  });

  it('ends the process when nobody asks any more, and starts one for the next question', async () => {
    await start(program(''), { idleMillis: 50 });
    await child.ask('first', line);
    const [first] = await lives();
    await until(() => !isAlive(first));
    expect(await child.ask('second', line)).toBe('second!');
    expect(await lives()).toHaveLength(2);
  });

  it('replaces a process that is old', async () => {
    await start(program(''), { lifeMillis: 0 });
    expect(await child.ask('first', line)).toBe('first!');
    expect(await child.ask('second', line)).toBe('second!');
    expect(await lives()).toHaveLength(2);
  });

  it('is closed when all is answered, and has ended by then', async () => {
    await start(program('  slow) sleep 0.3; echo done ;;'));
    const answer = child.ask('slow', line);
    await child.close();
    expect(await answer).toBe('done');
    const [only] = await lives();
    expect(isAlive(only)).toBe(false);
    // Whoever comes late is answered, and leaves nothing behind.
    expect(await child.ask('late', line)).toBe('late!');
    await child.close();
    const [, second] = await lives();
    expect(isAlive(second)).toBe(false);
  });

  it('says that Git cannot be started, to everybody who asks', async () => {
    await start('#!/nowhere/sh\n');
    const answers = ['one', 'two'].map(word => child.ask(word, line));
    for (const { status } of await Promise.allSettled(answers)) {
      expect(status).toBe('rejected');
    }
  });
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function until(holds: () => boolean): Promise<void> {
  const end = Date.now() + 5_000;
  while (!holds()) {
    if (Date.now() > end) throw new Error('It did not happen in 5 seconds');
    await sleep(20);
  }
}

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ClusterError } from '@greenroom/cluster-client';
import { LogSpool } from './LogSpool';
import { PodLog, TAIL_UNREAD } from './PodLog';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pod-log-'));
});
afterEach(() => rm(folder, { recursive: true }));

it('loses nothing while its disk takes nothing', async () => {
  const lines = ['1', '2', '3'].map(
    second => `2026-05-03T08:00:0${second}.000000000Z line ${second}\n`,
  );
  const place = join(folder, 'one');
  // In the place of the folder: nothing can be written.
  await writeFile(place, '');
  const spool = new LogSpool(place);
  const troubles: string[] = [];
  const log = new PodLog({
    client: {
      async *followLog({ since }) {
        const all = since === undefined ? lines : lines.slice(-2);
        for (const line of all) yield Buffer.from(line);
      },
    },
    namespace: 'a',
    pod: 'one',
    container: 'trainer',
    spool,
    hasEnded: () => true,
    onTrouble: message => {
      troubles.push(message);
      if (troubles.length === 2) rm(place).catch(() => {});
    },
  });
  log.start();
  while (!log.isComplete) await new Promise(resolve => setTimeout(resolve, 20));
  expect(troubles.length).toBeGreaterThanOrEqual(2);
  const { bytes } = await spool.read(0, 1_000);
  expect(bytes.toString()).toBe('line 1\nline 2\nline 3\n');
  await log.stop();
});

describe('of a pod that is gone', () => {
  const gone = () => new ClusterError('pods "one" not found', 404);
  /** @param answers - of the cluster, one after the other; true where the connection ends in order */
  const read = async (
    answers: ({ line: string; whole: boolean } | 'gone')[],
  ) => {
    const spool = new LogSpool(join(folder, 'one'));
    const log = new PodLog({
      client: {
        async *followLog() {
          const answer = answers.shift() ?? 'gone';
          if (answer === 'gone') throw gone();
          yield Buffer.from(`2026-05-03T08:00:01.000000000Z ${answer.line}\n`);
          if (!answer.whole) throw new Error('connection reset');
        },
      },
      namespace: 'a',
      pod: 'one',
      container: 'trainer',
      spool,
      hasEnded: () => false,
      onTrouble: () => {},
    });
    log.start();
    while (!log.isComplete)
      await new Promise(resolve => setTimeout(resolve, 20));
    const { bytes } = await spool.read(0, 1_000);
    return bytes.toString();
  };

  it('says that its end may be missing where its connection broke', async () => {
    expect(await read([{ line: 'step 1', whole: false }, 'gone'])).toBe(
      `step 1\n${TAIL_UNREAD}`,
    );
    expect(await read(['gone'])).toBe(TAIL_UNREAD);
  });

  it('says nothing where all was told', async () => {
    expect(await read([{ line: 'step 1', whole: true }, 'gone'])).toBe(
      'step 1\n',
    );
  });
});

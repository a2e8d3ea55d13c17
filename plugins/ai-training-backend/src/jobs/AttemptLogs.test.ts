import type { Digest } from '@greenroom/plugin-ai-registry-common';
import { Readable } from 'node:stream';
import type { TrainingBackend } from '../backends/TrainingBackend';
import { AttemptLogs } from './AttemptLogs';

const JOB = { id: 'job-1', run: 'run-1', experiment: '1', backend: 'cluster' };

/** Backends keep parts of a log, by the byte that they begin with; what lies between is gone. */
async function keep(parts: { fromByte: number; text: string }[]) {
  const end = Math.max(
    ...parts.map(({ fromByte, text }) => fromByte + text.length),
  );
  const readLog: TrainingBackend['readLog'] = async (_, { fromByte }) => {
    const part = parts.find(one => one.fromByte + one.text.length > fromByte);
    const at = Math.max(fromByte, part?.fromByte ?? end);
    const bytes = Buffer.from(part?.text.slice(at - part.fromByte) ?? '');
    return { bytes, fromByte: at, isEnd: at + bytes.length === end };
  };
  let kept = '';
  const logs = new AttemptLogs({
    backends: new Map([['cluster', { readLog } as TrainingBackend]]),
    artifacts: {
      put: async content => {
        for await (const chunk of content as AsyncIterable<Buffer>) {
          kept += chunk.toString();
        }
        const digest: Digest = `sha256:${'0'.repeat(64)}`;
        return { digest, sizeBytes: kept.length };
      },
      open: async () => {
        throw new Error('nothing is read');
      },
    },
    rows: { put: async () => {}, find: async () => undefined },
  });
  return { ...(await logs.keep(JOB, 1)), kept: () => kept };
}

it('keeps a log as it was written', async () => {
  const { kept, writtenBytes, path } = await keep([
    { fromByte: 0, text: 'one\n' },
    { fromByte: 4, text: 'two\n' },
  ]);
  expect(kept()).toBe('one\ntwo\n');
  expect(writtenBytes).toBe(8);
  expect(path).toBe('logs/attempt-1.log');
});

it('says where a part of it was not kept, and how much was written', async () => {
  const { kept, writtenBytes } = await keep([
    { fromByte: 0, text: 'one\n' },
    { fromByte: 1_004, text: 'last\n' },
  ]);
  expect(kept()).toBe(
    'one\n\n--- 1000 bytes that it wrote here were not kept: logs have a bound ---\nlast\n',
  );
  expect(writtenBytes).toBe(1_009);
});

it('says so at its beginning, too', async () => {
  const { kept, writtenBytes } = await keep([{ fromByte: 70, text: 'last\n' }]);
  expect(kept()).toMatch(/^\n--- 70 bytes .* ---\nlast\n$/);
  expect(writtenBytes).toBe(75);
});

it.each([
  // Who followed it until there.
  [9_997, 9_997, 'two\n'],
  [10_001, 10_001, ''],
  // Who comes afterwards.
  [0, 0, '--\none\ntwo\n'],
  [3, 3, 'one\ntwo\n'],
])(
  'goes on at byte %i of a log of 10,001 bytes of which the newest are kept',
  async (fromByte, at, text) => {
    const kept = '--\none\ntwo\n';
    const digest: Digest = `sha256:${'0'.repeat(64)}`;
    const logs = new AttemptLogs({
      backends: new Map(),
      artifacts: {
        put: async () => {
          throw new Error('nothing is kept');
        },
        open: async (_, range) =>
          Readable.from([
            Buffer.from(kept).subarray(range?.start, range!.end! + 1),
          ]),
      },
      rows: {
        put: async () => {},
        find: async () => ({ digest, sizeBytes: kept.length } as never),
      },
    });
    const attempts = [
      { number: 1, logPath: 'logs/attempt-1.log', logBytes: 10_001 },
    ];
    expect(
      await logs.read({ ...JOB, attempts }, 1, { fromByte, mostBytes: 100 }),
    ).toMatchObject({ fromByte: at, isEnd: true, bytes: Buffer.from(text) });
  },
);

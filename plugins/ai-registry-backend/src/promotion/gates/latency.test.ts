import { askGate, running, versionWith } from './__testUtils__/askGate';
import { latency } from './latency';

const servable = (p95?: number) =>
  versionWith({
    servability: {
      state: 'servable',
      triedAt: '',
      runtime: '',
      loadMillis: 1,
      warmUpMillis: 1,
      peakMemoryBytes: 1,
      ...(p95 && { latencyMicros: { runs: 200, p50: p95 / 2, p95 } }),
    },
  });

/** @param again - what a second measurement of each version finds */
async function ask(
  p95: { candidate?: number; running?: number; again?: [number, number] },
  settings = {},
) {
  const rehearsed: number[] = [];
  const finding = await askGate(
    latency,
    {
      candidate: servable(p95.candidate),
      version: servable(p95.running),
      running: p95.running ? running : async () => undefined,
      async rehearse(version) {
        rehearsed.push(version);
        const [one, two] = p95.again ?? [0, 0];
        const found = version === 1 ? one : two;
        return {
          predictions: [],
          latencyMicros: { runs: 200, p50: found / 2, p95: found },
        };
      },
    },
    settings,
  );
  return { finding, rehearsed };
}

it('passes by what the trials have measured', async () => {
  const { finding, rehearsed } = await ask({
    candidate: 12_000,
    running: 10_000,
  });
  expect(finding).toMatchObject({
    status: 'passed',
    summary: expect.stringContaining('12 ms in 95 of 100 cases'),
  });
  expect(rehearsed).toEqual([]);
});

it('measures once more, side by side, before it fails', async () => {
  const slow = { candidate: 30_000, running: 10_000 };
  const noise = await ask({ ...slow, again: [20_000, 21_000] });
  expect(noise.finding.status).toBe('passed');
  expect(noise.rehearsed).toEqual([2, 1]);
  const really = await ask({ ...slow, again: [10_000, 29_000] });
  expect(really.finding).toMatchObject({
    status: 'failed',
    summary: expect.stringContaining('190 % longer'),
  });
});

it('goes by a bound of its own where one is set', async () => {
  const { finding } = await ask(
    { candidate: 12_000, again: [0, 13_000] },
    { maxMillis: 10 },
  );
  expect(finding).toMatchObject({
    status: 'failed',
    summary: 'One row takes 12 ms in 95 of 100 cases, and may take 10 ms.',
  });
});

it('says so where nothing was measured', async () => {
  expect((await ask({})).finding.status).toBe('not-asked');
});

it('refuses settings that are none', async () => {
  await expect(ask({}, { maxMillis: -1 })).rejects.toThrow(
    'gates.latency.maxMillis is -1',
  );
  await expect(ask({}, { maxMilis: 1 })).rejects.toThrow(
    'gates.latency.maxMilis is no setting',
  );
});

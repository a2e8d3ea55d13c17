import { loadProgress } from './loadProgress';

const COUNT = 1_000;

it('reads what a data plane said once, however many versions it is asked about', () => {
  let reads = 0;
  const models = Array.from({ length: COUNT }, (_, i) => ({
    get model() {
      reads++;
      return `model-${i}`;
    },
    version: 1,
    digest: 'sha256:a',
    state: 'ready' as const,
  }));
  const dataPlanes = [{ publicUrl: 'http://plane', models, online: true }];
  for (let i = 0; i < COUNT; i++) {
    const wanted = { model: `model-${i}`, version: 1, digest: 'sha256:a' };
    expect(loadProgress(dataPlanes, wanted).ready).toBe(1);
  }
  expect(reads).toBe(COUNT);
});

it.each([
  ['another version', { version: 2 }],
  ['another digest', { digest: 'sha256:b' }],
])('takes %s for one that it has not heard of', (_what, other) => {
  const loaded = { model: 'm', version: 1, digest: 'sha256:a' };
  const dataPlanes = [
    {
      publicUrl: 'http://plane',
      models: [{ ...loaded, state: 'ready' as const }],
      online: true,
    },
  ];
  const { behind } = loadProgress(dataPlanes, { ...loaded, ...other });
  expect(behind.map(({ state }) => state)).toEqual(['unaware']);
});

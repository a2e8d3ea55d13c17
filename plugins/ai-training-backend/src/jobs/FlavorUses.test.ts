import { mockCredentials, mockServices } from '@backstage/backend-test-utils';
import { AuthorizeResult } from '@backstage/plugin-permission-common';
import { MemoryBackend } from './__testUtils__/MemoryBackend';
import { FlavorUses } from './FlavorUses';
import type { OpenJob } from './JobStore';

const job = (fields: Partial<OpenJob>): OpenJob => ({
  id: 'a',
  number: 1,
  run: 'r',
  backend: 'memory',
  team: 'group:default/vision',
  template: 't',
  priority: 'normal',
  units: 1,
  state: { phase: 'running', since: '' },
  failures: 0,
  retries: 0,
  deadlineMinutes: 1,
  submittedAt: new Date(),
  ranMillis: 0,
  ...fields,
});
const queued = { phase: 'queued', since: '', reason: { kind: 'new' } } as const;

const list = (jobs: OpenJob[], backend = new MemoryBackend()) =>
  new FlavorUses({
    jobs: { listOpen: async () => ({ jobs, now: new Date() }) },
    backends: new Map([['memory', backend]]),
    flavors: [
      {
        name: 'a100',
        title: 'A100',
        resources: {},
        pricePerHour: { amount: 3, currency: 'EUR' },
      },
    ],
    quotas: [
      { team: 'group:default/audio', flavor: 'a100', nominal: 2, weight: 1 },
    ],
    permissions: mockServices.permissions.mock({
      authorize: async asked =>
        asked.map(() => ({ result: AuthorizeResult.ALLOW })),
    }),
  }).list({ credentials: mockCredentials.user() });

it('tells of each flavor who has it and who waits for it', async () => {
  const [a100, slot] = await list([
    job({ flavor: 'a100', units: 4 }),
    job({ flavor: 'a100', units: 2, state: queued }),
    job({ team: 'group:default/audio' }),
  ]);
  expect(a100).toMatchObject({
    flavor: 'a100',
    title: 'A100',
    used: 4,
    queued: 2,
    pricePerHour: { amount: 3, currency: 'EUR' },
    teams: [
      { team: 'group:default/audio', hasQuota: true, nominal: 2, used: 0 },
      { team: 'group:default/vision', hasQuota: false, nominal: 0, used: 4 },
    ],
  });
  expect(slot).toMatchObject({ flavor: 'slot', capacity: 2, used: 1 });
});

it('does not take what Kueue holds for used', async () => {
  const held = {
    phase: 'starting',
    since: '',
    reason: { kind: 'kueue', queue: 'vision' },
  } as const;
  const creating = { ...held, reason: { kind: 'creating' } } as const;
  const [a100] = await list([
    job({ flavor: 'a100', units: 4, state: held }),
    job({ flavor: 'a100', units: 2, state: creating }),
  ]);
  const units = { used: 2, queued: 0, held: 4 };
  expect(a100).toMatchObject({
    ...units,
    teams: [{ used: 0, held: 0 }, units],
  });
});

it('shows a backend that is away, and says so', async () => {
  const backend = new MemoryBackend();
  backend.capacity = async () => {
    throw new Error('the cluster does not answer');
  };
  expect(await list([], backend)).toMatchObject([
    { flavor: 'slot', used: 0, problem: 'the cluster does not answer' },
  ]);
});

import type {
  FlavorUse,
  QueueReason,
} from '@greenroom/plugin-ai-training-common';
import { makeJob } from '../__testUtils__/fixtures';
import { byBackend, idleOf, inQueueOrder, partsOfTeam } from './queueView';

const USE: FlavorUse = {
  flavor: 'a100',
  title: 'NVIDIA A100',
  backend: 'east',
  capacity: 8,
  used: 5,
  queued: 3,
  held: 0,
  pricePerHour: { amount: 2, currency: 'EUR' },
  teams: [],
};

const queued = (name: string, reason: QueueReason, backend = 'east') =>
  makeJob({
    id: name,
    backend,
    state: { phase: 'queued', since: '2026-05-03T10:00:00.000Z', reason },
  });

describe('queueView', () => {
  it('has flavors by their backend, and what one says of it', () => {
    expect(
      byBackend([
        USE,
        { ...USE, backend: 'west', problem: 'away' },
        { ...USE, flavor: 'cpu' },
      ]).map(({ backend, problem, flavors }) => [
        backend,
        problem,
        flavors.map(({ flavor }) => flavor),
      ]),
    ).toEqual([
      ['east', undefined, ['a100', 'cpu']],
      ['west', 'away', ['a100']],
    ]);
    expect(byBackend([])).toEqual([]);
  });

  it('says what idles, and what that costs', () => {
    expect(idleOf(USE)).toEqual({
      units: 3,
      perHour: { amount: 6, currency: 'EUR' },
    });
    expect(idleOf({ ...USE, capacity: undefined })).toBeUndefined();
    // Nodes went away below the jobs that run on them.
    expect(idleOf({ ...USE, capacity: 4, pricePerHour: undefined })).toEqual({
      units: 0,
    });
  });

  it('tells what a team owns from what it borrowed', () => {
    const team = {
      team: 'a',
      hasQuota: true,
      nominal: 4,
      weight: 1,
      used: 6,
      queued: 0,
      held: 0,
    };
    expect(partsOfTeam(team)).toEqual({ own: 4, borrowed: 2 });
    expect(partsOfTeam({ ...team, used: 1, borrow: 2 })).toEqual({
      own: 1,
      borrowed: 0,
    });
  });

  it('has jobs in the order in which they start', () => {
    const behind = (position: number, flavor = 'a100'): QueueReason => ({
      kind: 'behind-others',
      position,
      flavor,
    });
    const jobs = [
      queued('new', { kind: 'new' }, 'west'),
      queued('third', behind(3)),
      queued('first', {
        kind: 'no-capacity',
        flavor: 'a100',
        needs: 1,
        free: 0,
        position: 1,
      }),
      queued('cpu', behind(1, 'cpu')),
      queued('never', {
        kind: 'never-fits',
        flavor: 'a100',
        needs: 9,
        most: 8,
        limit: 'capacity',
      }),
      queued('second', behind(2)),
    ];
    expect(inQueueOrder(jobs).map(({ id }) => id)).toEqual([
      'first',
      'second',
      'third',
      'never',
      'cpu',
      'new',
    ]);
  });
});

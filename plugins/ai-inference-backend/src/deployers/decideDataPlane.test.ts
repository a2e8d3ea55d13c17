import { decideDataPlane, type DataPlaneSituation } from './decideDataPlane';

const NOW = new Date('2026-05-03T12:00:00Z');
const IDLE_MINUTES = 15;
const ago = (minutes: number) => new Date(NOW.getTime() - minutes * 60_000);

const decide = (situation: Partial<DataPlaneSituation>) =>
  decideDataPlane({
    now: NOW,
    idleMillis: IDLE_MINUTES * 60_000,
    deployments: 1,
    isRollingOut: false,
    ...situation,
  });

describe('decideDataPlane', () => {
  it.each<[string, Partial<DataPlaneSituation>]>([
    ['somebody asked for it lately', { demandedAt: ago(14), deployments: 0 }],
    ['a deployment was changed lately', { changedAt: ago(14) }],
    ['somebody called a model lately', { lastRequestAt: ago(14) }],
    [
      'a rollout is under way, however long that takes',
      { isRollingOut: true, rolloutStartedAt: ago(600), changedAt: ago(600) },
    ],
    [
      'a rollout is held up, which it is tried to mend',
      { heldUpSince: ago(5), rolloutStartedAt: ago(600) },
    ],
    [
      'somebody needed it after it was stopped',
      { stopAskedAt: ago(3), demandedAt: ago(2) },
    ],
    [
      'a version was promoted after it was stopped',
      { stopAskedAt: ago(3), rolloutStartedAt: ago(2), isRollingOut: true },
    ],
  ])('runs it when %s', (_what, situation) => {
    expect(decide(situation)).toEqual({ wanted: true });
  });

  it.each<[string, string, Partial<DataPlaneSituation>]>([
    ['nobody ever needed it', 'idle', {}],
    [
      'nobody needed it for a while',
      'idle',
      {
        demandedAt: ago(15),
        changedAt: ago(16),
        lastRequestAt: ago(15),
        rolloutStartedAt: ago(20),
      },
    ],
    [
      'a rollout is held up for longer',
      'idle',
      { heldUpSince: ago(16), rolloutStartedAt: ago(20), changedAt: ago(16) },
    ],
    ['nothing is deployed', 'unused', { deployments: 0 }],
    [
      'it was stopped, though requests still came',
      'stopped',
      {
        stopAskedAt: ago(1),
        demandedAt: ago(2),
        lastRequestAt: ago(0),
        changedAt: ago(0),
      },
    ],
    [
      'it was stopped in a rollout',
      'stopped',
      { stopAskedAt: ago(1), isRollingOut: true, rolloutStartedAt: ago(2) },
    ],
  ])('lets it sleep when %s', (_what, because, situation) => {
    expect(decide(situation)).toEqual({ wanted: false, because });
  });
});

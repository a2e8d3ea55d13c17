import type { GateFinding } from '../gates/PromotionGate';
import type { StepContext } from './PromotionStep';
import { verify } from './verify';

const STARTED = '2026-05-03T12:00:00.000Z';
const SERVING = { kind: 'serving', note: 'Version 2 got all traffic.' };

/** @param findings - by the id of the own gate */
function run(
  findings: Record<string, GateFinding | Error | undefined>,
  options: { minutes?: number; outcome?: object } = {},
) {
  const { minutes = 1, outcome = SERVING } = options;
  return verify.run({
    promotion: {
      outcome,
      steps: [{ name: 'verify', startedAt: STARTED }],
    },
    environment: () => ({ verification: Object.keys(findings) }),
    now: () => new Date(Date.parse(STARTED) + minutes * 60_000),
    signal: new AbortController().signal,
    async verify(id: string) {
      const finding = findings[id];
      if (finding instanceof Error) throw finding;
      return finding && { title: `Title of ${id}`, finding };
    },
  } as unknown as StepContext);
}

describe('verify', () => {
  it('lets a version go on that passes everything', async () => {
    expect(
      await run({
        smoke: { status: 'passed', summary: 'It answers.' },
        other: { status: 'skipped', summary: 'Nothing to do.' },
      }),
    ).toMatchObject({
      outcome: 'done',
      changes: {
        outcome: {
          ...SERVING,
          verification: {
            status: 'passed',
            checks: [
              { id: 'smoke', title: 'Title of smoke', status: 'passed' },
              { id: 'other', status: 'passed' },
            ],
          },
        },
      },
    });
  });

  it('keeps one that fails, or of which nobody can tell, where it is, and says why', async () => {
    for (const status of ['failed', 'undecided'] as const) {
      expect(
        await run({ smoke: { status, summary: 'It answers 7.' } }),
      ).toMatchObject({
        changes: {
          outcome: {
            kind: 'serving',
            note: 'Version 2 got all traffic. It goes no further: Title of smoke: It answers 7.',
            verification: { status: 'failed' },
          },
        },
      });
    }
  });

  it('waits for what is under way or away, for an hour', async () => {
    const away = { smoke: new Error('502') };
    expect(await run(away)).toEqual({
      outcome: 'under-way',
      waitingFor: 'smoke: It could not be asked: 502',
    });
    const slow = {
      smoke: { status: 'under-way', waitingFor: 'It runs.' } as const,
    };
    expect(await run(slow)).toMatchObject({
      outcome: 'under-way',
      waitingFor: 'Title of smoke: It runs.',
    });
    for (const findings of [away, slow]) {
      expect(await run(findings, { minutes: 61 })).toMatchObject({
        changes: { outcome: { verification: { status: 'failed' } } },
      });
    }
  });

  it('does not let pass what was taken out of the settings', async () => {
    expect(await run({ gone: undefined })).toMatchObject({
      changes: {
        outcome: {
          verification: {
            status: 'failed',
            checks: [{ summary: 'There is no such gate any more.' }],
          },
        },
      },
    });
  });

  it('asks nothing of what does not serve', async () => {
    const outcome = { kind: 'rejected', note: '' };
    expect(await run({ smoke: new Error('asked') }, { outcome })).toMatchObject(
      { outcome: 'done', skippedBecause: expect.any(String) },
    );
  });
});

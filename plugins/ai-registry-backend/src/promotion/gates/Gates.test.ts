import { mockServices } from '@backstage/backend-test-utils';
import {
  DEFAULT_ENVIRONMENTS,
  Environments,
} from '@greenroom/plugin-ai-registry-common';
import type { JsonObject } from '@backstage/types';
import { TrialsBusyError } from '../../trials/TrialRunner';
import type { StepContext } from '../steps/PromotionStep';
import { promotionGates } from '.';
import { findGateStep } from './gateSteps';
import { Gates } from './Gates';
import type { GateFinding, PromotionGate } from './PromotionGate';

const PRODUCTION = { environment: 'production', kind: 'promotion' } as const;

const read = (data: JsonObject, all: PromotionGate[] = promotionGates) =>
  new Gates({
    root: mockServices.rootConfig({ data }),
    all,
    environments: DEFAULT_ENVIRONMENTS,
  });

const inProduction = (gates: JsonObject) => ({
  greenroom: {
    environments: [{ name: 'dev' }, { name: 'production', gates }],
  },
});

/** A gate of somebody that finds what it is told to. */
const fake = (
  finding: GateFinding,
  changes: Partial<PromotionGate> = {},
): PromotionGate => ({
  id: 'own:fake',
  title: 'Fake',
  step: { name: 'check-fake', title: 'Ask the fake' },
  when: 'once',
  defaultMode: 'required',
  ofRollback: 'as-set',
  configure: () => ({ check: async () => finding }),
  ...changes,
});

/** What a promotion keeps of what the gate found. */
async function ask(gates: Gates, kind: 'promotion' | 'rollback' = 'promotion') {
  const [step] = gates.planOf({ ...PRODUCTION, kind: 'promotion' }).steps;
  const context = {
    promotion: { ...PRODUCTION, kind, gates: [] },
    signal: new AbortController().signal,
  } as unknown as StepContext;
  return findGateStep(gates, step)!.run(context);
}

describe('Gates', () => {
  it('has each step once, and each gate in each environment', () => {
    const steps = promotionGates.flatMap(({ step, prepare }) =>
      prepare ? [prepare.name, step.name] : [step.name],
    );
    expect(new Set(steps).size).toBe(steps.length);
    const ids = promotionGates.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(promotionGates[0]).toMatchObject({
      step: { name: 'verify-artifact-digest' },
      isAbsolute: true,
    });
  });

  it('plans the steps of a promotion, and a shorter list of a rollback', () => {
    const gates = read({});
    const steps = gates.planOf(PRODUCTION).steps.map(({ name }) => name);
    expect(steps).toEqual([
      'verify-artifact-digest',
      'check-deprecation',
      'check-files',
      'check-signing',
      'check-connection',
      'try-to-load',
      'check-latency',
      'check-signature',
      'evaluate-prompts',
      'compare-evaluation',
      'check-slices',
      'check-drift',
      'check-replay',
      'compare-cost',
    ]);
    const rollback = gates.planOf({ ...PRODUCTION, kind: 'rollback' });
    expect(rollback.steps.map(({ name }) => name)).toEqual([
      'verify-artifact-digest',
      'check-signing',
      'check-connection',
      'check-signature',
    ]);
    expect(rollback.gates.map(({ id }) => id)).toEqual([
      'artifact-digest',
      'signature-compatible',
    ]);
  });

  it('has what serves verified where an environment asks for it, by gates that there are', () => {
    const readWith = (verification: string[]) => {
      const data = {
        greenroom: {
          environments: [{ name: 'dev' }, { name: 'production', verification }],
        },
      };
      const root = mockServices.rootConfig({ data });
      return new Gates({
        root,
        all: [fake({ status: 'passed', summary: '' })],
        environments: Environments.fromConfig(root),
      });
    };
    const gates = readWith(['fake']);
    expect(gates.planOf(PRODUCTION).verifies).toBe(true);
    expect(gates.planOf({ ...PRODUCTION, kind: 'rollback' }).verifies).toBe(
      false,
    );
    expect(gates.planOf({ ...PRODUCTION, environment: 'dev' }).verifies).toBe(
      false,
    );
    expect(() => readWith(['smoke'])).toThrow(
      "greenroom.environments[1].verification names 'smoke'",
    );
  });

  it('lets an environment say more than what holds for all', () => {
    const gates = read({
      ...inProduction({
        servable: { mode: 'required' },
        evaluation: { margin: 0 },
      }),
      aiRegistry: {
        promotion: {
          gates: { servable: { mode: 'off' }, evaluation: { mode: 'report' } },
        },
      },
    });
    const modeIn = (environment: string, id: 'servable' | 'evaluation') =>
      gates.find(id, { ...PRODUCTION, environment })?.mode;
    expect(modeIn('dev', 'servable')).toBe('off');
    expect(modeIn('production', 'servable')).toBe('required');
    expect(modeIn('production', 'evaluation')).toBe('report');
    expect(modeIn('of-yesterday', 'servable')).toBe('off');
    expect(
      gates
        .configOf('evaluation', 'production')
        .number('margin', { default: 0.01, between: [0, 1] }),
    ).toBe(0);
  });

  it('finds a freeze at the start that no rule describes', () => {
    const freeze = [
      {
        rrule: 'BYDAY=FR',
        start: '2024-01-01T00:00',
        duration: { days: 1 },
        timeZone: 'UTC',
        reason: 'Closed',
      },
    ];
    const environments = [{ name: 'production', freeze }];
    expect(
      () =>
        new Gates({
          root: mockServices.rootConfig({
            data: { greenroom: { environments } },
          }),
          all: promotionGates,
          environments: new Environments([
            {
              name: 'production',
              title: 'Production',
              requiredApprovals: 1,
              deployer: { kind: 'none' },
              freeze,
            },
          ]),
        }),
    ).toThrow("greenroom.environments[0].freeze[0].rrule is 'BYDAY=FR'");
  });

  it.each([
    [
      inProduction({ soundness: {} }),
      'greenroom.environments[1].gates.soundness is no gate: expected one of artifact-digest, path,',
    ],
    [
      inProduction({ evaluation: { margin: 2 } }),
      'greenroom.environments[1].gates.evaluation.margin is 2: it must lie between 0 and 1',
    ],
    [
      inProduction({ evaluation: { margins: 0.1 } }),
      'greenroom.environments[1].gates.evaluation.margins is no setting of this gate: expected mode, margin, maxAgeDays',
    ],
    [
      inProduction({ servable: { mode: 'maybe' } }),
      "greenroom.environments[1].gates.servable.mode is 'maybe': expected required, report, off",
    ],
    [
      {
        aiRegistry: {
          promotion: { gates: { 'artifact-digest': { mode: 'report' } } },
        },
      },
      "aiRegistry.promotion.gates.artifact-digest.mode is 'report': expected required, since nothing is served without this gate",
    ],
  ])('refuses %j', (data, message) => {
    expect(() => read(data)).toThrow(message);
  });

  it.each(['failed', 'undecided', 'waiting'] as const)(
    'only warns of what a gate found (%s) that reports',
    async status => {
      const finding = { status, summary: 'Not good.' };
      const required = await ask(read({}, [fake(finding)]));
      expect(required).toMatchObject({ changes: { gates: [{ status }] } });
      const report = await ask(
        read({}, [fake(finding, { defaultMode: 'report' })]),
      );
      expect(report).toMatchObject({
        outcome: 'done',
        changes: {
          gates: [{ id: 'own:fake', status: 'warned', summary: 'Not good.' }],
        },
      });
    },
  );

  it('is held up by what cannot be asked only where it is required', async () => {
    const away = (defaultMode: 'required' | 'report') =>
      fake(
        { status: 'passed', summary: '' },
        {
          defaultMode,
          configure: () => ({
            check: async () => {
              throw new Error('monitoring is away');
            },
          }),
        },
      );
    expect(await ask(read({}, [away('report')]))).toMatchObject({
      changes: {
        gates: [
          {
            status: 'skipped',
            summary: 'Could not be checked: monitoring is away',
          },
        ],
      },
    });
    await expect(ask(read({}, [away('required')]))).rejects.toThrow(
      'monitoring is away',
    );
  });

  it('passes what passes, also where a gate only reports', async () => {
    const gate = fake(
      { status: 'passed', summary: 'Good.' },
      { defaultMode: 'report' },
    );
    expect(await ask(read({}, [gate]))).toMatchObject({
      changes: { gates: [{ status: 'passed' }] },
    });
  });

  it('holds no rollback by a gate that only reports of it', async () => {
    const gate = fake(
      { status: 'failed', summary: 'Not good.' },
      { ofRollback: 'report' },
    );
    expect(await ask(read({}, [gate]), 'rollback')).toMatchObject({
      changes: { gates: [{ status: 'warned' }] },
    });
  });

  it('skips a gate that was switched off, or is gone, since a promotion was opened', async () => {
    const gate = fake({ status: 'failed', summary: 'Not good.' });
    const [step] = read({}, [gate]).planOf(PRODUCTION).steps;
    const off = read(inProduction({ 'own:fake': { mode: 'off' } }), [gate]);
    expect(off.planOf(PRODUCTION)).toMatchObject({ steps: [], gates: [] });
    const context = {
      promotion: { ...PRODUCTION, gates: [] },
    } as unknown as StepContext;
    for (const gates of [off, read({}, [])]) {
      expect(await findGateStep(gates, step)!.run(context)).toMatchObject({
        outcome: 'done',
        changes: {
          gates: [
            {
              id: 'own:fake',
              status: 'skipped',
              summary: expect.stringContaining('was switched off since'),
            },
          ],
        },
      });
    }
  });

  it('asks again what is under way, and leaves out what a promotion is not about', async () => {
    const waitingFor = 'Being measured.';
    const slow = fake({ status: 'under-way', waitingFor });
    expect(await ask(read({}, [slow]))).toEqual({
      outcome: 'under-way',
      waitingFor,
    });
    const other = fake({ status: 'not-asked', because: 'Not about it.' });
    expect(await ask(read({}, [other]))).toEqual({
      outcome: 'done',
      skippedBecause: 'Not about it.',
    });
  });

  it('has a promotion ask again when others are being tried, also where the gate only reports', async () => {
    const again = new Date('2026-11-30T12:00:00.000Z');
    const busy = fake(
      { status: 'passed', summary: '' },
      {
        configure: () => ({
          check: async () => {
            throw new TrialsBusyError(again);
          },
        }),
      },
    );
    for (const mode of ['required', 'report']) {
      const gates = read(inProduction({ 'own:fake': { mode } }), [busy]);
      expect(await ask(gates)).toEqual({
        outcome: 'under-way',
        waitingFor:
          'Other versions are being tried, one at a time; its turn comes.',
        until: '2026-11-30T12:00:00.000Z',
      });
    }
  });
});

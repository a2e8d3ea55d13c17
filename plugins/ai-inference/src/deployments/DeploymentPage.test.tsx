import { registerMswTestHooks } from '@backstage/frontend-test-utils';
import type { Rollout } from '@greenroom/plugin-ai-inference-common';
import type { ComparisonReport } from '@greenroom/plugin-ai-monitoring-common';
import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { http, HttpResponse } from 'msw';
import { setupServer } from 'msw/node';
import { makeDeployment, makeRollout } from '../__testUtils__/fixtures';
import {
  INFERENCE_URL,
  MONITORING_URL,
  REGISTRY_URL,
  renderInference,
} from '../__testUtils__/renderInference';

const server = setupServer();
const AT = '2026-05-03T10:00:00.000Z';
const ID = 'r-1.1';

const report: ComparisonReport = {
  id: ID,
  environment: 'production',
  model: 'digits',
  startedAt: AT,
  asOf: AT,
  versions: [
    {
      version: 1,
      isControl: true,
      sharePercent: 90,
      units: 900,
      requests: 1_800,
      latencyMillis: { p50: 3, p95: 8, p99: 12 },
    },
    {
      version: 2,
      isControl: false,
      sharePercent: 10,
      units: 100,
      requests: 200,
    },
  ],
  sampleRatio: { pValue: 0.5, isMismatch: false },
  metrics: [
    {
      name: 'clicks',
      measure: { kind: 'outcome', outcome: 'clicked' },
      direction: 'higher-is-better',
      margin: 0.01,
      alpha: 0.05,
      version: 2,
      control: 0.2,
      treatment: 0.25,
      effect: 0.05,
      interval: { lower: -0.01, upper: 0.11 },
      chanceToWin: 0.94,
      expectedLoss: 0.001,
      isAdjusted: true,
      status: 'undecided',
      summary: 'It may be chance.',
    },
  ],
  guardrails: [
    {
      name: 'errors',
      measure: { kind: 'error-rate' },
      direction: 'lower-is-better',
      margin: 0.01,
      alpha: 0.0001,
      version: 2,
      control: 0.001,
      treatment: 0.07,
      effect: 0.069,
      interval: { lower: 0.02 },
      isAdjusted: false,
      status: 'worse',
      summary: 'Worse by more than 1 percentage point for sure.',
    },
  ],
  hasEnoughUnits: false,
  verdict: {
    kind: 'take-back',
    version: 2,
    metric: 'errors',
    reason: '7 % of the requests of version 2 fail, and 0.1 % of version 1',
  },
  expectations: [
    {
      name: 'errors',
      sentence: 'A rate of 5 % is taken back within 230 requests.',
      units: 230,
      seconds: 120,
    },
  ],
  uncounted: 0,
  copiesLeftOut: 0,
};

function serve(changes: {
  rollout?: Partial<Rollout>;
  report?: Partial<ComparisonReport>;
  /** What came after the rollout. */
  last?: Rollout;
}) {
  const rollout = makeRollout({
    state: {
      phase: 'rejected',
      rejectedAt: AT,
      by: 'analysis',
      reason: report.verdict.reason,
    },
    comparison: {
      id: ID,
      rolloutId: 'r-1',
      environment: 'production',
      model: 'digits',
      control: 1,
      variants: [
        { version: 1, sharePercent: 90 },
        { version: 2, sharePercent: 10 },
      ],
      isShadow: false,
      analysis: { metrics: [], guardrails: [], minUnitsPerVariant: 100 },
      looks: 2,
      startedAt: AT,
    },
    history: [
      { at: AT, weightPercent: 10, note: 'Step 1 of 2' },
      {
        at: AT,
        weightPercent: 0,
        note: 'Taken back by the analysis',
        evidence: {
          kind: 'comparison',
          comparison: ID,
          units: [{ version: 2, units: 100 }],
          metrics: [
            {
              name: 'errors',
              version: 2,
              effect: 0.069,
              interval: { lower: 0.02 },
              status: 'worse',
            },
          ],
        },
      },
    ],
    ...changes.rollout,
  });
  server.use(
    http.get(`${INFERENCE_URL}/deployments`, () =>
      HttpResponse.json({
        items: [makeDeployment({ rollout: changes.last ?? rollout })],
        totalItems: 1,
      }),
    ),
    http.get(`${INFERENCE_URL}/environments`, () =>
      HttpResponse.json({
        items: ['production', 'staging'].map(environment => ({
          environment,
          deployer: 'kubernetes',
          run: {
            state: 'running',
            since: '2026-05-03T10:00:00Z',
            publicUrl: 'http://models.example.com',
            replicas: { wanted: 3, ready: 2 },
          },
        })),
      }),
    ),
    http.get(`${REGISTRY_URL}/environments/production/deployments`, () =>
      HttpResponse.json({
        items: [{ model: 'digits', version: 2, commit: '0123456789' }],
        problems: [],
      }),
    ),
    http.get(`${REGISTRY_URL}/models/digits`, () =>
      HttpResponse.json({
        name: 'digits',
        title: 'Digits',
        aliases: [{ alias: 'production', version: 1 }],
      }),
    ),
    http.get(`${INFERENCE_URL}/rollouts`, () =>
      HttpResponse.json({
        items: [...(changes.last ? [changes.last] : []), rollout],
      }),
    ),
    http.get(`${MONITORING_URL}/comparisons/${ID}`, () =>
      HttpResponse.json({ ...report, ...changes.report }),
    ),
    http.get(`${MONITORING_URL}/comparisons/${ID}/history`, () =>
      HttpResponse.json({ id: ID, points: [] }),
    ),
    http.get(`${MONITORING_URL}/comparisons/${ID}/results.csv`, () =>
      HttpResponse.text('at,metric\n'),
    ),
    http.get(
      `${MONITORING_URL}/environments/production/models/digits/traffic`,
      () => HttpResponse.json({ items: [] }),
    ),
  );
}

const open = () =>
  renderInference({ path: '/ai-inference/deployments/production/digits' });

describe('DeploymentPage', () => {
  registerMswTestHooks(server);

  it('shows why a version was taken back, with the numbers', async () => {
    serve({});
    open();
    expect(await screen.findByText('To be taken back')).toBeInTheDocument();
    const guardrails = within(
      screen.getByRole('table', { name: 'What must not get worse' }),
    );
    expect(guardrails.getByText('Worse')).toBeInTheDocument();
    expect(guardrails.getByText('+6.9 pp')).toBeInTheDocument();
    expect(
      guardrails.getByRole('img', {
        name: 'Effect +6.9 pp, from +2 pp to anything',
      }),
    ).toBeInTheDocument();
    const decides = within(screen.getByRole('table', { name: 'What decides' }));
    expect(decides.getByText('94 %')).toBeInTheDocument();
    expect(
      decides.getByText(/adjusted for what was known before/),
    ).toBeInTheDocument();
    const happened = within(
      screen.getByRole('list', { name: 'What happened in the rollout' }),
    ).getAllByRole('listitem');
    expect(happened[0]).toHaveTextContent('Taken back by the analysis');
    await userEvent.click(
      within(happened[0]).getByText('What it was decided by'),
    );
    expect(happened[0]).toHaveTextContent(
      'errors, version 2: worse, effect 0.069 (0.02 to open)',
    );
  });

  it('goes on telling why a version was taken back while Git is led back', async () => {
    serve({
      last: makeRollout({
        id: 'r-2',
        kind: 'rollback',
        fromVersion: 2,
        toVersion: 1,
        state: { phase: 'completed', completedAt: AT },
        history: [{ at: AT, weightPercent: 100, note: 'All traffic' }],
      }),
    });
    open();
    const happened = await screen.findByRole('list', {
      name: 'What happened in the rollout',
    });
    await waitFor(() =>
      expect(happened).toHaveTextContent('Taken back by the analysis'),
    );
    expect(
      await screen.findByRole('table', { name: 'What must not get worse' }),
    ).toBeInTheDocument();
  });

  it('says that results are worth nothing when callers came otherwise than planned', async () => {
    serve({ report: { sampleRatio: { pValue: 0.0001, isMismatch: true } } });
    open();
    expect(await screen.findByRole('alert')).toHaveTextContent(
      'no result can be trusted',
    );
  });

  it('says what was planned, and gives the numbers as a file', async () => {
    serve({});
    open();
    await userEvent.click(await screen.findByText('What was planned'));
    expect(
      screen.getByText(/A rate of 5 % is taken back within 230 requests/),
    ).toBeVisible();
    const urls: string[] = [];
    URL.createObjectURL = jest.fn(() => {
      urls.push('blob:made');
      return 'blob:made';
    });
    URL.revokeObjectURL = jest.fn();
    await userEvent.click(screen.getByRole('button', { name: 'Export CSV' }));
    await screen.findByRole('button', { name: 'Export CSV' });
    expect(urls).toEqual(['blob:made']);
  });

  it('shows what a cluster runs for its environment, and for no other', async () => {
    serve({});
    open();
    expect(
      await screen.findByText(/with 2 of 3 replicas ready/),
    ).toBeInTheDocument();
    expect(screen.getAllByRole('button', { name: /^Pods of / })).toEqual([
      screen.getByRole('button', { name: 'Pods of production' }),
    ]);
  });

  it('shows which version each place speaks of, from Git to what runs', async () => {
    serve({});
    open();
    const table = await screen.findByRole('table', {
      name: 'Table: From Git to what serves',
    });
    const rows = within(table).getAllByRole('row').slice(1);
    expect(rows.map(row => row.textContent)).toEqual([
      'Manifest on mainversion 2, 0123456Agrees',
      expect.stringMatching(/^Alias productionversion 1Differs/),
      'Rolloutversion 2Agrees',
      expect.stringMatching(/^Data planesversion 1 \(90 %\), version 2/),
      'What runs themrunning, 2 of 3 pods readyAgrees',
    ]);
  });

  it('says so where nothing is deployed', async () => {
    serve({});
    server.use(
      http.get(`${INFERENCE_URL}/deployments`, () =>
        HttpResponse.json({ items: [], totalItems: 0 }),
      ),
    );
    open();
    expect(
      await screen.findByText('digits is not deployed in production'),
    ).toBeInTheDocument();
  });
});

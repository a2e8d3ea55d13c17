import { registerMswTestHooks } from '@backstage/frontend-test-utils';
import type {
  Measurement,
  MeasurementSummary,
  NewMeasurement,
} from '@greenroom/plugin-ai-registry-common';
import { screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { HttpResponse, http } from 'msw';
import { setupServer } from 'msw/node';
import { makeVersion } from '../__testUtils__/fixtures';
import {
  refusal,
  REGISTRY_URL,
  renderRegistry,
} from '../__testUtils__/renderRegistry';
import { serveModel } from '../__testUtils__/serveModel';

jest.setTimeout(60_000);

const server = setupServer();
const ID = '6d1c0f0e-0b5b-4a7c-9a57-0d3f7a3e9f10';
const VERSION = '/ai-registry/models/digits/versions/3';
const ALL = `${REGISTRY_URL}/models/digits/versions/3/measurements`;
const DIGEST = `sha256:${'d'.repeat(64)}` as const;

const version = makeVersion({
  version: 3,
  servability: { state: 'not-tried', reason: 'Nobody configured it.' },
  schema: {
    task: 'classification',
    features: [{ name: 'p0', tensor: 'image', index: 0 }],
    prediction: { tensor: 'label', labels: ['no', 'yes'] },
  },
});

const done: Measurement = {
  id: ID,
  model: 'digits',
  version: 3,
  dataset: { name: 'held-out', version: 2, digest: DIGEST },
  target: 'truth',
  rows: 100,
  requestedBy: 'user:default/ada',
  createdAt: '2026-05-03T08:00:00.000Z',
  comparison: {
    environment: 'production',
    version: 2,
    measurement: ID,
    paired: {
      metric: 'accuracy',
      rows: 98,
      improvement: 0.05,
      interval: [0.01, 0.09],
      method: 'paired-bootstrap-worst-case',
    },
  },
  state: {
    phase: 'done',
    finishedAt: '2026-05-03T08:01:00.000Z',
    result: {
      runtime: 'greenroom-inference-server 0.1.0',
      rows: 98,
      unlabelled: 2,
      unanswered: 1,
      remarks: ['All is well.'],
      metrics: [
        {
          name: 'accuracy',
          value: 0.9,
          interval: [0.82, 0.95],
          higherIsBetter: true,
        },
        {
          name: 'expected_calibration_error',
          value: 0.04,
          higherIsBetter: false,
        },
      ],
      details: {
        task: 'classification',
        classes: [
          { name: 'no', rows: 40, f1: 0.8 },
          {
            name: 'yes',
            rows: 58,
            precision: { value: 0.95, interval: [0.9, 0.98] },
          },
        ],
        confusion: {
          classes: ['no', 'yes'],
          answers: ['no', 'yes', 'no answer'],
          counts: [
            [35, 5, 0],
            [4, 53, 1],
          ],
        },
        calibration: {
          positive: 'yes',
          expectedError: 0.04,
          bins: [
            { rows: 49, predicted: 0.2, observed: 0.25 },
            { rows: 49, predicted: 0.8, observed: 0.75 },
          ],
        },
      },
      slices: [
        {
          column: 'site',
          name: 'site = north',
          rows: 90,
          value: 0.92,
          interval: [0.85, 0.96],
          few: false,
        },
        {
          column: 'site',
          name: 'site = south',
          rows: 8,
          value: 0.5,
          few: true,
        },
      ],
      fairness: {
        column: 'gender',
        positive: 'yes',
        groups: [
          {
            group: 'f',
            rows: 50,
            selectionRate: 0.5,
            selectionInterval: [0.4, 0.6],
          },
        ],
        selectionRateDifference: 0.1,
      },
    },
  },
};

const summaryOf = ({ comparison: _, ...one }: Measurement) =>
  ({
    ...one,
    state:
      one.state.phase === 'done'
        ? {
            phase: 'done',
            finishedAt: one.state.finishedAt,
            primary: one.state.result.metrics[0],
            measuredRows: one.state.result.rows,
          }
        : one.state,
  } as MeasurementSummary);

const serve = (...all: Measurement[]) => [
  http.get(ALL, () => HttpResponse.json({ items: all.map(summaryOf) })),
  ...all.map(one =>
    http.get(`${ALL}/${one.id}`, () => HttpResponse.json({ ...one })),
  ),
  ...serveModel({ versions: [version] }),
];

describe('measurements on the page of a version', () => {
  registerMswTestHooks(server);

  it('show what was found, with intervals, classes, slices, groups and the comparison', async () => {
    server.use(...serve(done));
    renderRegistry({ path: VERSION });
    const metrics = await screen.findByRole('table', { name: 'Metrics' });
    expect(within(metrics).getByText('0.8200 to 0.9500')).toBeVisible();
    expect(
      within(metrics).getByRole('img', {
        name: '0.9000, between 0.8200 and 0.9500',
      }),
    ).toBeVisible();
    expect(
      screen.getByRole('img', {
        name: /accuracy: improvement \+0.05, 95 % interval/,
      }),
    ).toBeVisible();
    const matrix = screen.getByRole('table', { name: /Confusion matrix/ });
    expect(
      within(matrix).getByRole('columnheader', { name: 'no answer' }),
    ).toBeVisible();
    expect(within(matrix).getByText('53')).toBeVisible();
    expect(
      screen.getByRole('img', {
        name: 'Reliability of the probability of being of class yes: said 20 %, was 25 %; said 80 %, was 75 %',
      }),
    ).toBeVisible();
    const slices = screen.getByRole('table', { name: 'accuracy by slice' });
    expect(within(slices).getByText('too few rows')).toBeVisible();
    expect(screen.getByText('All is well.')).toBeVisible();
    expect(
      screen.getByRole('region', { name: 'Fairness by gender' }),
    ).toBeVisible();
  });

  it('shows how far one is, and cancels it', async () => {
    const running: Measurement = {
      ...done,
      comparison: undefined,
      state: {
        phase: 'running',
        startedAt: '2026-05-03T08:00:00.000Z',
        done: 50,
        of: 100,
      },
    };
    let isCancelled = false;
    server.use(
      http.delete(`${ALL}/${ID}`, () => {
        isCancelled = true;
        return refusal(409, 'It has ended already');
      }),
      ...serve(running),
    );
    renderRegistry({ path: VERSION });
    expect(await screen.findByText('50 of 100 rows')).toBeVisible();
    await userEvent.click(
      screen.getByRole('button', {
        name: 'Cancel the measurement on held-out, version 2',
      }),
    );
    expect(await screen.findByText('It has ended already')).toBeVisible();
    expect(isCancelled).toBe(true);
  });

  it('asks for one, and says what is missing', async () => {
    const asked: NewMeasurement[] = [];
    server.use(
      http.get(`${REGISTRY_URL}/datasets`, () =>
        HttpResponse.json({
          items: [{ name: 'held-out', title: 'held-out' }],
          totalItems: 1,
        }),
      ),
      http.get(`${REGISTRY_URL}/datasets/held-out/versions`, () =>
        HttpResponse.json({
          items: [
            {
              dataset: 'held-out',
              version: 2,
              kind: 'stored',
              rows: 100,
              columns: [
                { name: 'p0', type: 'number' },
                { name: 'truth', type: 'string' },
              ],
            },
          ],
          totalItems: 1,
        }),
      ),
      http.post(ALL, async ({ request }) => {
        asked.push((await request.json()) as NewMeasurement);
        return HttpResponse.json(done, { status: 202 });
      }),
      ...serve(),
    );
    renderRegistry({ path: VERSION });
    expect(await screen.findByText('Not measured yet')).toBeVisible();
    await userEvent.click(
      screen.getByRole('button', { name: 'Measure version 3' }),
    );
    const dialog = await screen.findByRole('dialog');
    const send = within(dialog).getByRole('button', { name: 'Measure' });
    await userEvent.click(send);
    expect(
      await within(dialog).findByText('Choose the dataset.'),
    ).toBeVisible();
    await choose(dialog, /^Choose a dataset|Dataset/, 'held-out');
    await choose(dialog, /Column with the truth/, 'truth');
    await userEvent.type(
      within(dialog).getByRole('textbox', { name: /Slices/ }),
      'truth',
    );
    await userEvent.click(send);
    await screen.findByText('Not measured yet');
    expect(asked).toEqual([
      {
        dataset: { name: 'held-out', version: 2 },
        target: 'truth',
        slices: ['truth'],
      },
    ]);
  });
});

async function choose(
  dialog: HTMLElement,
  name: RegExp,
  option: string,
): Promise<void> {
  const [select] = within(dialog).getAllByRole('button', { name });
  await userEvent.click(select);
  await userEvent.click(await screen.findByRole('option', { name: option }));
}

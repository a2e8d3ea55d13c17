import { registerMswTestHooks } from '@backstage/frontend-test-utils';
import type {
  EvaluationRun,
  NewEvaluationRun,
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

const server = setupServer();
const RUN_ID = '6d1c0f0e-0b5b-4a7c-9a57-0d3f7a3e9f10';
const VERSION = '/ai-registry/models/digits/versions/3';
const RUNS = `${REGISTRY_URL}/models/digits/versions/3/evaluation-runs`;
const DIGEST = `sha256:${'d'.repeat(64)}` as const;

const version = makeVersion({
  version: 3,
  format: 'external',
  files: 1,
  signature: undefined,
  evaluation: undefined,
  servability: { state: 'not-tried', reason: 'It runs at a provider.' },
  external: {
    formatVersion: 1,
    connection: 'llm',
    model: 'small',
    tasks: ['chat'],
    parameters: {},
    messages: [],
  },
});

const run: EvaluationRun = {
  id: RUN_ID,
  model: 'digits',
  version: 3,
  environment: 'production',
  dataset: { name: 'capital-cities', version: 2, digest: DIGEST },
  scorers: [{ kind: 'exact', name: 'exact' }],
  rows: 30,
  state: {
    phase: 'done',
    finishedAt: '2026-05-03T08:01:00.000Z',
    result: {
      rows: 30,
      unanswered: 2,
      scores: [
        {
          scorer: 'exact',
          right: 21,
          rows: 28,
          share: 0.75,
          interval: [0.566, 0.873],
        },
      ],
      tokens: { input: 900, output: 120 },
      latencyMillis: { median: 420, p95: 900 },
    },
  },
  requestedBy: 'user:default/ada',
  createdAt: '2026-05-03T08:00:00.000Z',
};

const answers = [
  {
    row: 0,
    input: 'Capital of France?',
    expected: 'Paris',
    answer: 'Paris',
    scores: { exact: 1 },
  },
  {
    row: 1,
    input: [{ role: 'user', content: 'Capital of Italy?' }],
    expected: 'Rome',
    answer: 'Milan',
    scores: { exact: 0 },
    other: { answer: 'Rome', scores: { exact: 1 } },
  },
  {
    row: 2,
    input: 'Capital of Spain?',
    expected: 'Madrid',
    error: 'the provider refused',
    scores: {},
  },
];

function serve(runs: EvaluationRun[] = [run]) {
  server.use(
    // The first one that fits answers.
    http.get(RUNS, () => HttpResponse.json({ items: runs })),
    ...serveModel({ versions: [version] }),
    http.get(`${RUNS}/:run`, () => HttpResponse.json(runs[0])),
    http.get(`${RUNS}/:run/answers`, ({ request }) => {
      const only = new URL(request.url).searchParams.get('only');
      const items = answers.filter(
        ({ scores }) => only === null || scores.exact !== 1,
      );
      return HttpResponse.json({ items, totalItems: items.length });
    }),
    http.get(`${REGISTRY_URL}/dataset-versions`, () =>
      HttpResponse.json({ items: [] }),
    ),
  );
}

describe('prompts of a version', () => {
  registerMswTestHooks(server);

  it('are listed with how often answers were right', async () => {
    serve();
    renderRegistry({ path: VERSION });
    const table = await screen.findByRole('table', { name: 'Evaluation runs' });
    const link = within(table).getByRole('link', {
      name: 'capital-cities, version 2',
    });
    expect(link).toHaveAttribute(
      'href',
      `${VERSION}/evaluation-runs/${RUN_ID}`,
    );
    expect(within(table).getByText('75 % exact')).toBeInTheDocument();
    expect(within(table).getByText('Done')).toBeInTheDocument();
  });

  it('are asked by a form, which names what is missing', async () => {
    serve([]);
    const asked: NewEvaluationRun[] = [];
    server.use(
      http.get(`${REGISTRY_URL}/datasets`, () =>
        HttpResponse.json({
          items: [{ name: 'capital-cities', title: 'Capital cities' }],
          totalItems: 1,
        }),
      ),
      http.get(`${REGISTRY_URL}/datasets/capital-cities/versions`, () =>
        HttpResponse.json({
          items: [{ version: 2, kind: 'stored', rows: 30 }],
          totalItems: 1,
        }),
      ),
      http.post<never, NewEvaluationRun>(RUNS, async ({ request }) => {
        asked.push(await request.json());
        return HttpResponse.json(run, { status: 202 });
      }),
      http.get(`${RUNS}/:run`, () => HttpResponse.json(run)),
    );
    renderRegistry({ path: VERSION });
    expect(await screen.findByText('Not asked yet')).toBeInTheDocument();
    await userEvent.click(
      screen.getByRole('button', { name: 'Evaluate version 3' }),
    );
    const dialog = await screen.findByRole('dialog');
    const send = within(dialog).getByRole('button', {
      name: 'Ask the prompts',
    });
    await userEvent.click(send);
    expect(
      await within(dialog).findByText('Choose the prompts.'),
    ).toBeVisible();
    await userEvent.click(
      within(dialog).getByRole('button', { name: /Prompts$/ }),
    );
    await userEvent.click(
      await screen.findByRole('option', {
        name: 'Capital cities (capital-cities)',
      }),
    );
    await within(dialog).findByRole('button', { name: /Version 2, 30 rows/ });
    await userEvent.click(send);
    expect(
      await screen.findByText(/75 % \(56.6 % to 87.3 %\): 21 of 28/),
    ).toBeInTheDocument();
    expect(asked).toEqual([
      {
        environment: 'production',
        dataset: { name: 'capital-cities', version: 2 },
        scorers: [{ kind: 'exact', ignoreCase: true }],
      },
    ]);
  });

  it('are for owners to ask', async () => {
    serve([]);
    renderRegistry({ path: VERSION, refused: ['ai-registry.model.update'] });
    const button = await screen.findByRole('button', {
      name: 'Evaluate version 3',
    });
    await userEvent.click(button);
    expect(button).toHaveAttribute('aria-disabled', 'true');
    expect(screen.queryByRole('dialog')).not.toBeInTheDocument();
  });
});

describe('the page of a run', () => {
  registerMswTestHooks(server);
  const path = `${VERSION}/evaluation-runs/${RUN_ID}`;

  it('shows scores with intervals, what was not answered, and each answer', async () => {
    serve();
    renderRegistry({ path });
    expect(
      await screen.findByText(/75 % \(56.6 % to 87.3 %\): 21 of 28/),
    ).toBeInTheDocument();
    expect(screen.getByText('2 of 30')).toBeInTheDocument();
    expect(screen.getByText('900 in, 120 out')).toBeInTheDocument();
    const table = await screen.findByRole('table', {
      name: 'Prompts and answers',
    });
    expect(within(table).getByText('Milan')).toBeInTheDocument();
    expect(
      within(table).getByText('user: Capital of Italy?'),
    ).toBeInTheDocument();
    expect(
      within(table).getByText('No answer: the provider refused'),
    ).toBeInTheDocument();
  });

  it('shows only where two versions differ', async () => {
    serve();
    renderRegistry({ path: `${path}?compareWith=another` });
    const table = await screen.findByRole('table', {
      name: 'Prompts and answers',
    });
    expect(within(table).getByText('Other version')).toBeInTheDocument();
    expect(within(table).queryByText('Paris')).not.toBeInTheDocument();
    expect(within(table).getAllByText('Rome')).toHaveLength(2);
  });

  it('shows how far it is, and lets one cancel it', async () => {
    let current: EvaluationRun = {
      ...run,
      state: { phase: 'running', done: 12, of: 30 },
    };
    serve([current]);
    server.use(
      http.get(`${RUNS}/:run`, () => HttpResponse.json(current)),
      http.delete(`${RUNS}/:run`, () => {
        current = {
          ...run,
          state: {
            phase: 'cancelled',
            finishedAt: run.createdAt,
            cancelledBy: 'user:default/ada',
          },
        };
        return HttpResponse.json(current);
      }),
    );
    renderRegistry({ path });
    expect(
      await screen.findByRole('progressbar', {
        name: 'Rows that are answered',
      }),
    ).toHaveAttribute('aria-valuenow', '40');
    await userEvent.click(screen.getByRole('button', { name: 'Cancel run' }));
    expect((await screen.findAllByText('Cancelled')).length).toBeGreaterThan(0);
    expect(
      screen.queryByRole('button', { name: 'Cancel run' }),
    ).not.toBeInTheDocument();
  });

  it('says why a run that is under way was not cancelled', async () => {
    serve([{ ...run, state: { phase: 'queued', waitingFor: 'It sleeps.' } }]);
    server.use(
      http.delete(`${RUNS}/:run`, () => refusal(409, 'It has ended already')),
    );
    renderRegistry({ path });
    expect(await screen.findByText('It sleeps.')).toBeInTheDocument();
    await userEvent.click(screen.getByRole('button', { name: 'Cancel run' }));
    expect(await screen.findByText(/It has ended already/)).toBeInTheDocument();
  });

  it('keeps the rows from those who may not read them', async () => {
    serve();
    renderRegistry({ path, refused: ['ai-registry.dataset.download'] });
    expect(await screen.findByText('Not for you to read')).toBeInTheDocument();
    expect(screen.queryByText('Milan')).not.toBeInTheDocument();
  });
});

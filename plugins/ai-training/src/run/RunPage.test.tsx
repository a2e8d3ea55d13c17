import { registerMswTestHooks } from '@backstage/frontend-test-utils';
import type {
  MetricSeriesQuery,
  Run,
} from '@greenroom/plugin-ai-training-common';
import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { http, HttpResponse } from 'msw';
import { setupServer } from 'msw/node';
import {
  makeExperiment,
  makeLoggedModel,
  makeRun,
  makeSeries,
} from '../__testUtils__/fixtures';
import {
  refusal,
  renderTraining,
  TRAINING_URL,
} from '../__testUtils__/renderTraining';

const server = setupServer();
const API = 'http://localhost:7007/api';
const run = makeRun({
  name: 'bold-crane',
  params: { depth: '3' },
  tags: {
    'mlflow.note.content': 'It *worked*.',
    'mlflow.source.name': 'train.py',
    'mlflow.source.git.commit': 'abcdef1234567',
    'mlflow.source.git.repoURL': 'git@github.com:acme/digits.git',
    'mlflow.parentRunId': 'p'.repeat(32),
  },
  metrics: [
    { key: 'loss', value: 0.25, at: 1, step: 2 },
    { key: 'lr', value: 'NaN', at: 1, step: 0 },
  ],
  inputs: [
    {
      dataset: {
        name: 'mnist',
        digest: 'd1',
        sourceType: 'local',
        source: '/data/mnist',
      },
      tags: { 'mlflow.data.context': 'training' },
    },
  ],
  outputs: [{ modelId: 'm-1', step: 2 }],
});

function serve(changes: Partial<Run> = {}) {
  server.use(
    http.get(`${TRAINING_URL}/runs/:id/datasets`, () =>
      HttpResponse.json({ items: [] }),
    ),
    http.get(`${TRAINING_URL}/runs/:id`, ({ params }) =>
      HttpResponse.json(
        params.id === run.id
          ? { ...run, ...changes }
          : makeRun({ id: String(params.id), name: 'the-parent' }),
      ),
    ),
    http.get(`${TRAINING_URL}/experiments/7`, () =>
      HttpResponse.json(makeExperiment()),
    ),
    http.get(`${TRAINING_URL}/experiments/7/runs`, () =>
      HttpResponse.json({
        items: [
          makeRun({ id: 'c'.repeat(32), name: 'a-child', status: 'RUNNING' }),
        ],
      }),
    ),
    http.get(`${TRAINING_URL}/runs/:id/logged-models`, () =>
      HttpResponse.json({ items: [makeLoggedModel()] }),
    ),
    http.post(`${API}/ai-registry/version-searches`, async ({ request }) => {
      const { conditions } = (await request.json()) as {
        conditions: { values: string[] }[];
      };
      return HttpResponse.json({
        items:
          conditions[0].values[0] === run.id
            ? [
                {
                  model: 'digits',
                  externalName: 'digits',
                  version: 3,
                  aliases: ['champion'],
                  source: { run: run.id, loggedModel: 'm-1' },
                },
              ]
            : [],
      });
    }),
    http.get(`${API}/ai-inference/deployments`, () =>
      HttpResponse.json({
        items: [
          {
            environment: 'production',
            model: 'digits',
            wanted: { version: 3 },
            variants: [{ version: 3, weightPercent: 100 }],
            convergence: { state: 'serving' },
          },
        ],
      }),
    ),
    http.get(`${API}/ai-inference/models/digits/consumers`, () =>
      refusal(403, 'Not yours'),
    ),
    http.get(
      `${TRAINING_URL}/mlflow/api/2.0/mlflow/artifacts/list`,
      ({ request }) =>
        HttpResponse.json(
          new URL(request.url).searchParams.get('path') === 'plots'
            ? {
                files: [
                  { path: 'plots/rows.csv', is_dir: false, file_size: '12' },
                ],
              }
            : {
                files: [
                  { path: 'plots', is_dir: true },
                  { path: 'about.json', is_dir: false, file_size: 1200 },
                  { path: 'model.pkl', is_dir: false, file_size: 9 },
                ],
              },
        ),
    ),
    http.get(`${TRAINING_URL}/mlflow/get-artifact`, ({ request }) =>
      HttpResponse.text(
        new URL(request.url).searchParams.get('path') === 'about.json'
          ? '{"classes":10}'
          : 'label,score\nseven,0.9\n',
      ),
    ),
    http.post(`${TRAINING_URL}/metric-series`, async ({ request }) => {
      const { keys, runs } = (await request.json()) as MetricSeriesQuery;
      return HttpResponse.json({
        items: keys.map(key =>
          makeSeries(runs[0], key, key === 'lr' ? ['NaN'] : [1, 0.5, 0.25]),
        ),
      });
    }),
  );
}

const open = (refused?: string[]) =>
  renderTraining({ path: `/ai-training/runs/${run.id}`, refused });

describe('RunPage', () => {
  registerMswTestHooks(server);

  it.each([
    [
      { by: 'tag', digest: `sha256:${'1'.repeat(64)}` },
      `/dataset-versions?digest=sha256%3A${'1'.repeat(64)}`,
    ],
    [
      { by: 'digest', digestPrefix: '1'.repeat(32) },
      `/dataset-versions?digest=sha256%3A${'1'.repeat(32)}`,
    ],
    [
      { by: 'source', dataset: 'rows', version: 3 },
      '/datasets/rows/versions/3',
    ],
  ])(
    'names the version in the registry that %j is',
    async (reference, asked) => {
      const version = { dataset: 'rows', version: 3 };
      const urls: string[] = [];
      serve();
      server.use(
        http.get(`${TRAINING_URL}/runs/:id/datasets`, () =>
          HttpResponse.json({
            items: [{ name: 'mnist', digest: 'd1', reference }],
          }),
        ),
        http.get('http://localhost:7007/api/ai-registry/*', ({ request }) => {
          const { pathname, search } = new URL(request.url);
          urls.push(`${pathname}${search}`.replace('/api/ai-registry', ''));
          return HttpResponse.json(
            pathname.endsWith('/dataset-versions')
              ? { items: [version] }
              : version,
          );
        }),
      );
      renderTraining({ path: `/ai-training/runs/${run.id}` });
      expect(
        await screen.findByText('mnist (rows, version 3)'),
      ).toBeInTheDocument();
      expect(urls).toEqual([asked]);
    },
  );

  it('shows what a run measured, with the curve of one metric', async () => {
    serve();
    open();
    const row = await screen.findByRole('row', { name: /loss/ });
    expect(within(row).getByText('0.2500')).toBeInTheDocument();
    expect(
      await within(row).findByRole('img', { name: 'loss, 3 points' }),
    ).toBeInTheDocument();
    expect(screen.getByRole('row', { name: /lr/ })).toHaveTextContent('NaN');
    const chart = await screen.findByRole('figure', { name: /^loss/ });
    await userEvent.click(
      within(chart).getByRole('button', { name: /as a table/ }),
    );
    expect(
      within(chart)
        .getAllByRole('cell')
        .map(cell => cell.textContent),
    ).toEqual(['0', '1', '1', '0.5000', '2', '0.2500']);
    await userEvent.click(screen.getByRole('button', { name: 'lr' }));
    expect(
      await screen.findByRole('figure', { name: /^lr/ }),
    ).toBeInTheDocument();
  });

  it('shows where it came from, what it read and what it made', async () => {
    serve();
    open();
    expect(await screen.findByText('worked')).toBeInTheDocument();
    expect(screen.getByRole('link', { name: 'abcdef1234' })).toHaveAttribute(
      'href',
      'https://github.com/acme/digits/commit/abcdef1234567',
    );
    expect(screen.getByRole('row', { name: /mnist/ })).toHaveTextContent(
      'training',
    );
    expect(await screen.findByRole('row', { name: /net/ })).toHaveTextContent(
      'netm-1ReadyMade2',
    );
    expect(
      await screen.findByRole('link', { name: 'the-parent' }),
    ).toHaveAttribute('href', `/ai-training/runs/${'p'.repeat(32)}`);
    expect(screen.getByRole('list', { name: 'Child runs' })).toHaveTextContent(
      'a-child Running',
    );
  });

  it('leads from the rows to where it runs, without what the viewer may not know', async () => {
    serve();
    open();
    const lineage = await screen.findByRole('list', {
      name: 'Lineage of the run',
    });
    await waitFor(() =>
      expect(
        within(lineage)
          .getAllByRole('listitem')
          .map(node => node.textContent),
      ).toEqual([
        'mnisttraining, d1leads to bold-crane',
        'Commit abcdef1234train.pyleads to bold-crane',
        'bold-cranefinishedleads to net',
        'netm-1leads to digits 3',
        'digits 3championleads to production',
        'production100 % of digits',
        'Not told',
      ]),
    );
    expect(
      screen.getByText(/told to those who may change the model/),
    ).toBeInTheDocument();
  });

  it('is there where the registry is not installed, and says what of the rest failed', async () => {
    serve();
    server.use(
      http.post(`${API}/ai-registry/version-searches`, () =>
        refusal(404, 'No such plugin'),
      ),
      http.get(`${API}/ai-inference/deployments`, () =>
        refusal(500, 'It is on fire'),
      ),
    );
    open();
    expect(await screen.findByText(/It is on fire/)).toBeInTheDocument();
    const lineage = screen.getByRole('list', { name: 'Lineage of the run' });
    expect(within(lineage).getAllByRole('listitem')).toHaveLength(4);
    expect(screen.getByRole('row', { name: /loss/ })).toBeInTheDocument();
  });

  it('looks into the files that it keeps', async () => {
    serve();
    open();
    await userEvent.click(
      await screen.findByRole('button', { name: 'about.json' }),
    );
    expect(await screen.findByText(/"classes": 10/)).toBeInTheDocument();
    expect(screen.getByText('1.2 kB')).toBeInTheDocument();
    await userEvent.click(screen.getByRole('button', { name: 'model.pkl' }));
    expect(screen.getByText(/not shown: download it/)).toBeInTheDocument();

    await userEvent.click(screen.getByRole('button', { name: 'plots/' }));
    await userEvent.click(
      await screen.findByRole('button', { name: 'rows.csv' }),
    );
    expect(
      await screen.findByRole('row', { name: 'seven 0.9' }),
    ).toBeInTheDocument();
    await userEvent.click(screen.getByRole('button', { name: 'All' }));
    expect(
      await screen.findByRole('button', { name: 'about.json' }),
    ).toBeInTheDocument();
  });

  it('shows the end of a log, and the lines that somebody looks for', async () => {
    serve();
    const ranges: (string | null)[] = [];
    server.use(
      http.get(`${TRAINING_URL}/mlflow/api/2.0/mlflow/artifacts/list`, () =>
        HttpResponse.json({
          files: [{ path: 'train.log', is_dir: false, file_size: 100_000 }],
        }),
      ),
      http.get(`${TRAINING_URL}/mlflow/get-artifact`, ({ request }) => {
        ranges.push(request.headers.get('range'));
        return HttpResponse.text('ch 1\nepoch 2\nWARNING: hot\nepoch 3\n');
      }),
    );
    open();
    const log = await screen.findByRole('region', {
      name: 'End of train.log',
    });
    // It begins in the middle of a line.
    expect(log.textContent).toBe('epoch 2\nWARNING: hot\nepoch 3');
    expect(ranges[0]).toBe('bytes=-65536');
    expect(screen.getByText(/The last 65.5 kB of 100 kB/)).toBeInTheDocument();
    await userEvent.type(
      screen.getByRole('searchbox', { name: 'Search the log' }),
      'warn',
    );
    expect(log.textContent).toBe('WARNING: hot');
    expect(screen.getByText('1 of 3 lines')).toBeInTheDocument();
    await userEvent.click(screen.getByRole('button', { name: 'Show more' }));
    await waitFor(() => expect(ranges.at(-1)).toBe('bytes=-524288'));
  });

  it('keeps what the machine did apart from what the model did', async () => {
    serve({
      metrics: [
        { key: 'loss', value: 0.25, at: 1, step: 2 },
        {
          key: 'system/gpu_0_utilization_percentage',
          value: 9,
          at: 1,
          step: 2,
        },
        {
          key: 'system/gpu_1_utilization_percentage',
          value: 9,
          at: 1,
          step: 2,
        },
      ],
    });
    open();
    expect(await screen.findByText('Metrics (1)')).toBeInTheDocument();
    const chart = await screen.findByRole('figure', { name: 'GPU, %' });
    expect(within(chart).getByText('GPU 1')).toBeInTheDocument();
  });

  it('draws a confusion matrix, and shows it as it is written', async () => {
    serve();
    server.use(
      http.get(`${TRAINING_URL}/mlflow/get-artifact`, () =>
        HttpResponse.text('{"labels":["cat","dog"],"matrix":[[3,1],[0,4]]}'),
      ),
    );
    open();
    await userEvent.click(
      await screen.findByRole('button', { name: 'about.json' }),
    );
    const matrix = await screen.findByRole('table', {
      name: /rows are actual classes/,
    });
    expect(
      within(within(matrix).getByRole('row', { name: /^cat 3/ }))
        .getAllByRole('cell')
        .map(cell => cell.textContent),
    ).toEqual(['375 %', '125 %']);
    expect(screen.getByText(/7 of 8 rows are right/)).toBeInTheDocument();
    await userEvent.click(
      screen.getByRole('switch', { name: 'As it is written' }),
    );
    expect(await screen.findByText(/"labels": \[/)).toBeInTheDocument();
  });

  it('is deleted and renamed by those who may', async () => {
    serve();
    const asked: unknown[] = [];
    server.use(
      http.post(
        `${TRAINING_URL}/mlflow/api/2.0/mlflow/runs/:change`,
        async ({ request, params }) => {
          asked.push([params.change, await request.json()]);
          return HttpResponse.json({});
        },
      ),
    );
    open();
    await userEvent.click(
      await screen.findByRole('button', { name: 'Rename' }),
    );
    const name = await screen.findByRole('textbox', { name: /Name/ });
    await userEvent.clear(name);
    await userEvent.type(name, 'best');
    await userEvent.click(screen.getByRole('button', { name: 'Rename' }));
    await userEvent.click(
      await screen.findByRole('button', { name: 'Delete' }),
    );
    await userEvent.click(
      await screen.findByRole('button', { name: 'Delete run' }),
    );
    await waitFor(() => expect(asked).toHaveLength(2));
    expect(asked).toEqual([
      ['update', { run_id: run.id, run_name: 'best' }],
      ['delete', { run_id: run.id }],
    ]);
  });

  it('offers nothing to those who may not', async () => {
    serve();
    open(['ai-training.experiment.update', 'ai-training.run.write']);
    await screen.findByRole('row', { name: /loss/ });
    expect(
      screen.queryByRole('button', { name: 'Delete' }),
    ).not.toBeInTheDocument();
    expect(
      screen.queryByRole('button', { name: 'Rename' }),
    ).not.toBeInTheDocument();
  });

  it('says what to do where nothing was logged yet', async () => {
    serve({ params: {}, metrics: [], lifecycle: 'deleted' });
    open();
    // It has ended: nothing comes any more.
    expect(await screen.findByText('Nothing measured')).toBeInTheDocument();
    expect(screen.getByText(/mlflow.log_params/)).toBeInTheDocument();
    expect(screen.getByText('This run is deleted')).toBeInTheDocument();
  });
});

import { registerMswTestHooks } from '@backstage/frontend-test-utils';
import type {
  MetricSeriesQuery,
  Run,
} from '@greenroom/plugin-ai-training-common';
import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { http, HttpResponse } from 'msw';
import { setupServer } from 'msw/node';
import { makeExperiment, makeRun, makeSeries } from '../__testUtils__/fixtures';
import {
  refusal,
  renderTraining,
  TRAINING_URL,
} from '../__testUtils__/renderTraining';

const server = setupServer();
const PAGE = 200;

const idOf = (index: number) => String(index).padStart(32, '0');

function manyRuns(count: number): Run[] {
  return Array.from({ length: count }, (_, i) =>
    makeRun({
      id: idOf(i),
      name: `run ${i}`,
      params: { depth: String(i % 7), optimizer: i % 2 ? 'sgd' : 'adam' },
      metrics: [
        { key: 'loss', value: 1 / (i + 1), at: 1, step: 3 },
        { key: 'val/acc', value: i / 10_000, at: 1, step: 3 },
      ],
      status: i === 1 ? 'FAILED' : 'FINISHED',
    }),
  );
}

/** A server with these runs, of which it gives pages. */
function serve(runs: Run[]) {
  const asked: URLSearchParams[] = [];
  const curves: MetricSeriesQuery[] = [];
  server.use(
    http.get(`${TRAINING_URL}/experiments/7`, () =>
      HttpResponse.json(
        makeExperiment({
          tags: { 'mlflow.note.content': 'Which **depth** is best?' },
        }),
      ),
    ),
    http.get(`${TRAINING_URL}/experiments/7/runs`, ({ request }) => {
      const query = new URL(request.url).searchParams;
      asked.push(query);
      if (query.get('filter') === 'nonsense') {
        return refusal(400, "The filter 'nonsense' has no comparison");
      }
      const from = Number(query.get('cursor') ?? 0);
      const to = from + PAGE;
      return HttpResponse.json({
        items: runs.slice(from, to),
        ...(to < runs.length && { nextCursor: String(to) }),
      });
    }),
    http.post(`${TRAINING_URL}/metric-series`, async ({ request }) => {
      const query = (await request.json()) as MetricSeriesQuery;
      curves.push(query);
      return HttpResponse.json({
        items: query.runs.flatMap(run =>
          query.keys.map(key => makeSeries(run, key, [3, 2, 1])),
        ),
      });
    }),
  );
  return { asked, curves };
}

const open = (query = '', refused?: string[]) =>
  renderTraining({ path: `/ai-training/experiments/7${query}`, refused });
const dataRows = () =>
  within(screen.getByRole('table', { name: 'Runs' })).getAllByRole('rowheader');

describe('ExperimentPage', () => {
  registerMswTestHooks(server);

  it('shows runs with what they measured and were started with', async () => {
    serve(manyRuns(3));
    open();
    const row = await screen.findByRole('row', { name: /run 1/ });
    expect(within(row).getByText('Failed')).toBeInTheDocument();
    expect(within(row).getByText('0.5000')).toBeInTheDocument();
    expect(within(row).getByText('sgd')).toBeInTheDocument();
    expect(within(row).getByText('1 min 5 s')).toBeInTheDocument();
    expect(within(row).getByRole('link', { name: 'run 1' })).toHaveAttribute(
      'href',
      `/ai-training/runs/${idOf(1)}`,
    );
    expect(screen.getByText('3 runs')).toBeInTheDocument();
    expect(screen.getByText('depth', { selector: 'strong' })).toBeVisible();
  });

  it('draws only the rows in sight, and asks for more', async () => {
    const { asked } = serve(manyRuns(1_000));
    open();
    expect(await screen.findByText('The first 200 runs')).toBeInTheDocument();
    expect(dataRows().length).toBeLessThan(60);
    await userEvent.click(screen.getByRole('button', { name: 'Load more' }));
    expect(await screen.findByText('The first 400 runs')).toBeInTheDocument();
    expect(dataRows().length).toBeLessThan(60);
    expect(asked.at(-1)?.get('cursor')).toBe('200');
  });

  it('asks the server for an order and a filter, and keeps both in the address', async () => {
    const { asked } = serve(manyRuns(3));
    open('?sort=metrics.val/acc-asc');
    await screen.findByRole('row', { name: /run 1/ });
    expect(asked[0].getAll('orderBy')).toEqual(['metrics.`val/acc` ASC']);
    expect(
      screen.getByRole('columnheader', { name: 'val/acc' }),
    ).toHaveAttribute('aria-sort', 'ascending');

    await userEvent.click(screen.getByRole('button', { name: 'loss' }));
    await waitFor(() =>
      expect(asked.at(-1)?.getAll('orderBy')).toEqual(['metrics.loss DESC']),
    );
    await userEvent.type(
      screen.getByRole('textbox', { name: 'Filter of runs' }),
      'params.depth = "3"{Enter}',
    );
    await waitFor(() =>
      expect(asked.at(-1)?.get('filter')).toBe('params.depth = "3"'),
    );
  });

  it('shows at the field what the server says of a filter', async () => {
    serve(manyRuns(3));
    open();
    await screen.findByRole('row', { name: /run 1/ });
    const field = screen.getByRole('textbox', { name: 'Filter of runs' });
    await userEvent.type(field, 'nonsense{Enter}');
    expect(
      await screen.findByText("The filter 'nonsense' has no comparison"),
    ).toBeInTheDocument();
    expect(field).toBeInvalid();
    // What was there is still to be seen.
    expect(screen.getByRole('row', { name: /run 1/ })).toBeInTheDocument();
    await userEvent.click(screen.getByRole('button', { name: 'Clear' }));
    await waitFor(() => expect(field).toBeValid());
  });

  it('has the columns that the address names', async () => {
    serve(manyRuns(3));
    open('?column=params.depth&column=metrics.gone');
    await screen.findByRole('row', { name: /run 1/ });
    expect(
      screen.getByRole('columnheader', { name: 'depth' }),
    ).toBeInTheDocument();
    expect(
      screen.getByRole('columnheader', { name: 'gone' }),
    ).toBeInTheDocument();
    expect(
      screen.queryByRole('columnheader', { name: 'loss' }),
    ).not.toBeInTheDocument();
  });

  it('lays the curves of chosen runs on each other', async () => {
    const { curves } = serve(manyRuns(4));
    open();
    await userEvent.click(
      await screen.findByRole('checkbox', { name: 'Select run 0' }),
    );
    await userEvent.click(
      screen.getByRole('checkbox', { name: 'Select run 2' }),
    );
    expect(await screen.findByText('2 selected runs')).toBeInTheDocument();
    const chart = await screen.findByRole('figure', { name: /^loss/ });
    expect(within(chart).getByText('run 2')).toBeInTheDocument();
    expect(curves.at(-1)).toMatchObject({
      runs: [idOf(0), idOf(2)],
      keys: ['loss', 'val/acc'],
    });
    await userEvent.click(
      within(chart).getByRole('button', { name: /as a table/ }),
    );
    expect(
      within(chart)
        .getAllByRole('cell')
        .map(cell => cell.textContent),
    ).toEqual(['0', '3', '3', '1', '2', '2', '2', '1', '1']);
    await userEvent.click(screen.getByRole('button', { name: 'Select none' }));
    expect(screen.queryByText('2 selected runs')).not.toBeInTheDocument();
  });

  it('compares the runs that the address names', async () => {
    serve(manyRuns(4));
    open(
      `?run=${idOf(0)}&run=${idOf(1)}&run=${idOf(2)}&run=${idOf(
        3,
      )}&tab=differences`,
    );
    const table = await screen.findByRole('table', {
      name: 'Differences of the runs',
    });
    expect(
      within(within(table).getByRole('row', { name: /optimizer/ }))
        .getAllByRole('cell')
        .map(cell => cell.textContent),
    ).toEqual(['adam', 'sgd', 'adam', 'sgd']);

    await userEvent.click(screen.getByRole('tab', { name: 'Points' }));
    expect(
      await screen.findByRole('img', { name: /loss by depth: 4 points/ }),
    ).toBeInTheDocument();
    await userEvent.click(
      screen.getByRole('tab', { name: 'Parallel coordinates' }),
    );
    expect(
      await screen.findByRole('img', { name: /4 lines over depth, optimizer/ }),
    ).toBeInTheDocument();
    await userEvent.click(
      screen.getByRole('tab', { name: 'Rank correlation' }),
    );
    const bars = await screen.findByRole('list', {
      name: 'Rank correlation with loss',
    });
    expect(bars).toHaveTextContent('depth');
    expect(bars).toHaveTextContent('falls with it, 4 runs');
    expect(screen.getByText(/Left out.*optimizer/)).toBeInTheDocument();
  });

  it('goes from row to row with the arrow keys, also to rows that are not drawn yet', async () => {
    serve(manyRuns(200));
    open();
    const first = await screen.findByRole('link', { name: 'run 0' });
    first.focus();
    await userEvent.keyboard('{ArrowDown}{ArrowDown}');
    expect(screen.getByRole('link', { name: 'run 2' })).toHaveFocus();
    await userEvent.keyboard('{ArrowUp}');
    expect(screen.getByRole('link', { name: 'run 1' })).toHaveFocus();
    expect(
      screen.queryByRole('link', { name: 'run 199' }),
    ).not.toBeInTheDocument();
    await userEvent.keyboard('{End}');
    expect(screen.getByRole('link', { name: 'run 199' })).toHaveFocus();
    // Within the column that has the focus.
    screen.getByRole('checkbox', { name: 'Select run 198' }).focus();
    await userEvent.keyboard('{ArrowDown} ');
    expect(await screen.findByText('1 selected run')).toBeInTheDocument();
    expect(
      screen.getByRole('checkbox', { name: 'Select run 199' }),
    ).toBeChecked();
  });

  it('is edited and deleted by those who may', async () => {
    serve(manyRuns(1));
    const asked: unknown[] = [];
    server.use(
      http.patch(`${TRAINING_URL}/experiments/7`, async ({ request }) => {
        asked.push(await request.json());
        return HttpResponse.json(makeExperiment());
      }),
      http.post(
        `${TRAINING_URL}/mlflow/api/2.0/mlflow/experiments/:change`,
        async ({ request, params }) => {
          asked.push([params.change, await request.json()]);
          return HttpResponse.json({});
        },
      ),
    );
    open();
    await userEvent.click(await screen.findByRole('button', { name: 'Edit' }));
    const name = await screen.findByRole('textbox', { name: /Name/ });
    await userEvent.clear(name);
    await userEvent.click(screen.getByRole('button', { name: 'Save' }));
    expect(await screen.findByText(/Write a name/)).toBeInTheDocument();
    await userEvent.type(name, 'numbers');
    await userEvent.click(screen.getByRole('button', { name: 'Save' }));
    await userEvent.click(
      await screen.findByRole('button', { name: 'Delete' }),
    );
    await userEvent.click(
      await screen.findByRole('button', { name: 'Delete experiment' }),
    );
    await waitFor(() => expect(asked).toHaveLength(2));
    // What was not touched is not sent.
    expect(asked).toEqual([
      { name: 'numbers' },
      ['delete', { experiment_id: '7' }],
    ]);
  });

  it('is restored, and shows its runs meanwhile', async () => {
    const { asked } = serve(manyRuns(2));
    server.use(
      http.get(`${TRAINING_URL}/experiments/7`, () =>
        HttpResponse.json(makeExperiment({ lifecycle: 'deleted' })),
      ),
    );
    open();
    expect(
      await screen.findByText('This experiment is deleted'),
    ).toBeInTheDocument();
    expect(await screen.findByText('2 runs')).toBeInTheDocument();
    expect(asked.at(-1)?.get('lifecycle')).toBe('deleted');
    expect(
      screen.queryByRole('button', { name: 'Edit' }),
    ).not.toBeInTheDocument();
    expect(screen.getByRole('button', { name: 'Restore' })).toBeInTheDocument();
  });

  it('offers nothing to those who may not', async () => {
    serve(manyRuns(1));
    open('', ['ai-training.experiment.update']);
    await screen.findByText('1 run');
    expect(
      screen.queryByRole('button', { name: 'Delete' }),
    ).not.toBeInTheDocument();
  });

  it('says how to log where there is no run', async () => {
    serve([]);
    open();
    expect(await screen.findByText('No run yet')).toBeInTheDocument();
    expect(
      screen.getByText(/mlflow.set_experiment\("digits"\)/),
    ).toBeInTheDocument();
  });
});

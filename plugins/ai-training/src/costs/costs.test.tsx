import { registerMswTestHooks } from '@backstage/frontend-test-utils';
import type { TrainingCosts } from '@greenroom/plugin-ai-training-common';
import { screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { http, HttpResponse } from 'msw';
import { setupServer } from 'msw/node';
import { renderTraining, TRAINING_URL } from '../__testUtils__/renderTraining';
import { byTeam, monthsUntil } from './costView';

const server = setupServer();
const team = 'group:default/vision-team';

const COSTS: TrainingCosts = {
  from: '2026-05-01T00:00:00.000Z',
  to: '2026-05-20T00:00:00.000Z',
  items: [
    {
      team,
      model: 'digits',
      currency: 'EUR',
      amount: 12.5,
      unitHours: 6,
      jobs: 2,
    },
    { team, amount: 0, unitHours: 3, jobs: 1 },
  ],
  dearest: [
    {
      id: 'c0ffee00-0000-4000-8000-000000000000',
      name: 'eager-fly-645',
      run: 'r1',
      team,
      model: 'digits',
      currency: 'EUR',
      amount: 12.5,
    },
  ],
  budgets: [{ team, amount: 10, spent: 12.5, currency: 'EUR', stops: true }],
};

function serve(costs: TrainingCosts) {
  const asked: URLSearchParams[] = [];
  server.use(
    http.get(`${TRAINING_URL}/costs`, ({ request }) => {
      asked.push(new URL(request.url).searchParams);
      return HttpResponse.json(costs);
    }),
    http.post('*/api/ai-registry/version-searches', () =>
      HttpResponse.json({
        items: [
          { model: 'digits', version: 5, source: { run: 'r1' } },
          { model: 'digits', version: 6, source: { run: 'another' } },
        ],
      }),
    ),
  );
  return asked;
}

describe('CostsPage', () => {
  registerMswTestHooks(server);

  it('shows budgets, teams, models and the dearest jobs, of the month that is chosen', async () => {
    const asked = serve(COSTS);
    renderTraining({ path: '/ai-training/costs' });
    expect(
      await screen.findByRole('progressbar', {
        name: 'Budget of vision-team that is spent',
      }),
    ).toHaveAttribute('aria-valuenow', '100');
    expect(screen.getByText(/It is used up: jobs are ended/)).toBeVisible();
    expect(
      screen.getByRole('list', { name: 'Costs by team in EUR' }),
    ).toHaveTextContent(/vision-team.*12\.50/);
    expect(
      screen.getByRole('list', { name: 'Hours of units by team' }),
    ).toHaveTextContent(/vision-team.*3 h/);
    const models = screen.getByRole('table', {
      name: 'Costs by team and model',
    });
    expect(within(models).getAllByRole('row')[2]).toHaveTextContent(
      /none named.*no price/,
    );
    expect(screen.getByRole('link', { name: 'eager-fly-645' })).toHaveAttribute(
      'href',
      '/ai-training/jobs/c0ffee00-0000-4000-8000-000000000000',
    );
    const dearest = screen.getByRole('table', { name: 'Dearest jobs' });
    expect(within(dearest).getByText('digits 5')).toBeInTheDocument();
    expect(within(dearest).queryByText('digits 6')).toBeNull();
    expect(asked[0].has('to')).toBe(false);

    await userEvent.click(screen.getByRole('button', { name: /Month/ }));
    await userEvent.click((await screen.findAllByRole('option'))[1]);
    // Budgets are of this month.
    await screen.findByRole('table', { name: 'Dearest jobs' });
    expect(asked.at(-1)?.get('to')).toBe(asked[0].get('from'));
  });

  it('says where prices come from while nothing was trained', async () => {
    serve({ ...COSTS, items: [], dearest: [], budgets: [] });
    renderTraining({ path: '/ai-training/costs' });
    expect(
      await screen.findByText(/prices in greenroom\.flavors/),
    ).toBeInTheDocument();
  });
});

describe('costView', () => {
  it('has months in UTC, over the end of a year', () => {
    expect(
      monthsUntil(new Date('2026-02-10T00:00:00Z'), 3).map(({ from, to }) => [
        from.slice(0, 10),
        to?.slice(0, 10),
      ]),
    ).toEqual([
      ['2026-02-01', undefined],
      ['2026-01-01', '2026-02-01'],
      ['2025-12-01', '2026-01-01'],
    ]);
  });

  it('adds nothing in different currencies', () => {
    const item = (name: string, amount: number, currency: string) => ({
      team: name,
      amount,
      currency,
      unitHours: 1,
      jobs: 1,
    });
    expect(
      byTeam([item('a', 2, 'EUR'), item('b', 3, 'EUR'), item('a', 4, 'USD')]),
    ).toEqual([
      {
        currency: 'EUR',
        teams: [
          { team: 'b', value: 3 },
          { team: 'a', value: 2 },
        ],
      },
      { currency: 'USD', teams: [{ team: 'a', value: 4 }] },
    ]);
  });
});

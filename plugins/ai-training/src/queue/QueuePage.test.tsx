import { registerMswTestHooks } from '@backstage/frontend-test-utils';
import type {
  FlavorUse,
  StartReason,
  TrainingJob,
} from '@greenroom/plugin-ai-training-common';
import { screen, within } from '@testing-library/react';
import { http, HttpResponse } from 'msw';
import { setupServer } from 'msw/node';
import { makeJob } from '../__testUtils__/fixtures';
import { renderTraining, TRAINING_URL } from '../__testUtils__/renderTraining';

const server = setupServer();
const AT = '2026-05-03T10:00:00.000Z';

const USE: FlavorUse = {
  flavor: 'a100',
  title: 'NVIDIA A100',
  backend: 'east',
  capacity: 8,
  used: 5,
  queued: 3,
  held: 0,
  pricePerHour: { amount: 2, currency: 'EUR' },
  teams: [
    {
      team: 'group:default/vision-team',
      hasQuota: true,
      nominal: 3,
      borrow: 4,
      weight: 2,
      used: 5,
      queued: 3,
      held: 0,
    },
  ],
};

function serve(uses: FlavorUse[], jobs: TrainingJob[]) {
  server.use(
    http.get(`${TRAINING_URL}/flavor-use`, () =>
      HttpResponse.json({ items: uses }),
    ),
    http.get(`${TRAINING_URL}/jobs`, () => HttpResponse.json({ items: jobs })),
  );
}

const queued = (name: string, position: number) =>
  makeJob({
    id: name,
    name,
    backend: 'east',
    attempts: [],
    state: {
      phase: 'queued',
      since: AT,
      reason: { kind: 'behind-others', position, flavor: 'a100' },
    },
  });

const open = () => renderTraining({ path: '/ai-training/queue' });

describe('QueuePage', () => {
  registerMswTestHooks(server);

  it('shows what there is, who uses it, what idles, and who waits in which order', async () => {
    serve([USE], [queued('second', 2), queued('first', 1)]);
    open();
    expect(
      await screen.findByRole('img', {
        name: 'Units of a100: 5 used, 3 free, 3 wanted by queued jobs',
      }),
    ).toBeInTheDocument();
    expect(
      screen.getByText(
        /^3 units of 8 idle: EUR.6\.00 an hour that nobody uses\.$/,
      ),
    ).toBeInTheDocument();
    const teams = screen.getByRole('table', { name: 'Teams that use a100' });
    const row = within(teams).getAllByRole('row')[1];
    expect(row).toHaveTextContent('3 own, 2 borrowed');
    expect(
      within(row)
        .getAllByRole('cell')
        .slice(1)
        .map(cell => cell.textContent),
    ).toEqual(['3', '4', '2', '3']);
    const jobs = screen.getByRole('table', { name: 'Queued jobs' });
    expect(
      within(jobs)
        .getAllByRole('link')
        .map(link => [link.textContent, link.getAttribute('href')]),
    ).toEqual([
      ['first', '/ai-training/jobs/first'],
      ['second', '/ai-training/jobs/second'],
    ]);
    expect(within(jobs).getAllByRole('row')[1]).toHaveTextContent(
      '1st in the queue of a100',
    );
  });

  it('says of teams without quotas what they use, and not what is whose', async () => {
    const team = {
      team: 'group:default/text-team',
      hasQuota: false,
      nominal: 0,
      weight: 1,
      used: 1,
      queued: 2,
      held: 4,
    };
    const cpu = {
      ...USE,
      flavor: 'cpu',
      title: 'cpu',
      held: 4,
      teams: [team],
    };
    serve([cpu, { ...USE, teams: [...USE.teams, team] }], []);
    open();
    const alone = await screen.findByRole('table', {
      name: 'Teams that use cpu',
    });
    const cellsOf = (table: HTMLElement, place: number) =>
      within(within(table).getAllByRole('row')[place])
        .getAllByRole('cell')
        .map(cell => cell.textContent);
    expect(cellsOf(alone, 1)).toEqual(['1', '2, 4 in Kueue']);
    expect(screen.getByText(/^No team has a quota of it/)).toBeInTheDocument();
    expect(
      screen.getByRole('img', {
        name: 'Units of cpu: 5 used, 3 free, 3 wanted by queued jobs, 4 held by Kueue',
      }),
    ).toBeInTheDocument();
    // Beside a team that has one, what it uses is lent to it.
    const mixed = screen.getByRole('table', { name: 'Teams that use a100' });
    expect(cellsOf(mixed, 2)).toEqual([
      '1 borrowed',
      'no quota',
      'all',
      '1',
      '2, 4 in Kueue',
    ]);
  });

  it('says what does not answer', async () => {
    serve(
      [
        {
          ...USE,
          capacity: undefined,
          problem: 'connect ECONNREFUSED',
          pricePerHour: undefined,
          teams: [],
        },
      ],
      [],
    );
    open();
    expect(
      await screen.findByText(/Something is wrong with east/),
    ).toBeInTheDocument();
    expect(screen.getByText('connect ECONNREFUSED')).toBeInTheDocument();
    expect(
      screen.getByText('Nobody knows how much of it there is.'),
    ).toBeInTheDocument();
    expect(screen.getByText('No job waits')).toBeInTheDocument();
  });

  it('shows the places of jobs that Kueue holds, and none that only start', async () => {
    const starting = (name: string, reason: StartReason): TrainingJob => ({
      ...queued(name, 1),
      state: { phase: 'starting', since: AT, reason },
    });
    serve(
      [USE],
      [
        starting('second', {
          kind: 'kueue',
          queue: 'vision',
          position: 2,
          message: 'no quota for nvidia.com/gpu',
        }),
        starting('made', { kind: 'creating' }),
        starting('first', { kind: 'kueue', queue: 'vision', position: 1 }),
      ],
    );
    open();
    const jobs = await screen.findByRole('table', { name: 'Queued jobs' });
    const rows = within(jobs)
      .getAllByRole('row')
      .slice(1)
      .map(row => row.textContent);
    expect(rows).toHaveLength(2);
    expect(rows[0]).toMatch(
      /^1 · east · Kueue's visionfirst1st in Kueue's queue vision/,
    );
    expect(rows[1]).toMatch(/^2 · east · Kueue's visionsecond/);
  });

  it('says what to configure where nothing runs jobs', async () => {
    serve([], []);
    open();
    expect(
      await screen.findByText('Nothing here to train on'),
    ).toBeInTheDocument();
  });
});

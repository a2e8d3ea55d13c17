import { registerMswTestHooks } from '@backstage/frontend-test-utils';
import { screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { http, HttpResponse } from 'msw';
import { setupServer } from 'msw/node';
import { makeJob, makeSpec, makeTemplate } from '../__testUtils__/fixtures';
import {
  refusal,
  renderTraining,
  TRAINING_URL,
} from '../__testUtils__/renderTraining';

const server = setupServer();
const JOB = makeJob({
  parameters: { epochs: 7, rate: 0.5 },
  revision: '9'.repeat(40),
});

function serve() {
  const asked: Record<string, unknown>[] = [];
  server.use(
    http.get(`${TRAINING_URL}/templates/digits`, () =>
      HttpResponse.json(
        makeTemplate({
          spec: makeSpec({
            parameters: [
              { name: 'epochs', type: 'integer', minimum: 1, default: 40 },
              { name: 'rate', title: 'Rate of learning', type: 'number' },
            ],
            datasets: [{ name: 'rows', dataset: 'digits-rows' }],
          }),
        }),
      ),
    ),
    http.get(
      'http://localhost:7007/api/ai-registry/datasets/digits-rows/versions',
      () => HttpResponse.json({ items: [{ version: 4 }, { version: 3 }] }),
    ),
    http.get(`${TRAINING_URL}/flavor-use`, () =>
      HttpResponse.json({
        items: [
          {
            flavor: 'cpu',
            title: 'cpu',
            backend: 'local',
            capacity: 2,
            used: 1,
            queued: 0,
            held: 0,
            teams: [],
          },
        ],
      }),
    ),
    http.get(`${TRAINING_URL}/jobs/:id`, () => HttpResponse.json(JOB)),
    http.get(`${TRAINING_URL}/jobs/:id/events`, () =>
      HttpResponse.json({ items: [] }),
    ),
    http.get(`${TRAINING_URL}/jobs/:id/log`, () =>
      HttpResponse.text('event: end\ndata: {}\n\n'),
    ),
    http.get(`${TRAINING_URL}/runs/:id`, () => refusal(404, 'Gone')),
    http.post(`${TRAINING_URL}/jobs`, async ({ request }) => {
      asked.push((await request.json()) as Record<string, unknown>);
      return HttpResponse.json(JOB, { status: 201 });
    }),
  );
  return asked;
}

const open = (search = '', refused?: string[]) =>
  renderTraining({
    path: `/ai-training/templates/digits/start${search}`,
    refused,
  });

const start = () =>
  userEvent.click(screen.getByRole('button', { name: 'Start job' }));

describe('StartPage', () => {
  registerMswTestHooks(server);

  it('asks for what the template leaves open, checks it, and goes to the job', async () => {
    const asked = serve();
    open();
    const epochs = await screen.findByRole('textbox', { name: /epochs/ });
    expect(epochs).toHaveValue('40');
    expect(
      screen.getByText(
        'Of each node, such as 4Gi; empty: what the machine or cluster gives by itself.',
      ),
    ).toBeInTheDocument();
    await userEvent.clear(epochs);
    await userEvent.type(epochs, '0');
    await start();
    expect(
      await screen.findByText('expected at least 1, got 0'),
    ).toBeInTheDocument();
    expect(
      screen.getByText('expected a number, got nothing'),
    ).toBeInTheDocument();
    expect(
      screen.getByText('2 fields have to be corrected.'),
    ).toBeInTheDocument();
    await waitFor(() => expect(epochs).toHaveFocus());
    expect(asked).toEqual([]);

    await userEvent.clear(epochs);
    await userEvent.type(epochs, '12');
    await userEvent.type(
      screen.getByRole('textbox', { name: /Rate of learning/ }),
      '0.01',
    );
    await start();
    expect(
      await screen.findByRole('heading', { name: 'bold-crane' }),
    ).toBeInTheDocument();
    expect(asked).toEqual([
      {
        template: 'digits',
        parameters: { epochs: 12, rate: 0.01 },
        datasets: {},
        resources: { count: 1, nodes: 1 },
        priority: 'normal',
        deadlineMinutes: 60,
        team: 'group:default/vision-team',
        requestId: expect.stringMatching(/^[0-9a-f]{32}$/),
      },
    ]);
  });

  it('shows what the server says at its field, and asks the same thing under the same id', async () => {
    const asked = serve();
    const ids: unknown[] = [];
    let words = 'parameters.rate: expected at most 0.1, got 0.5';
    server.use(
      http.post(`${TRAINING_URL}/jobs`, async ({ request }) => {
        ids.push(((await request.json()) as { requestId: string }).requestId);
        return refusal(400, words);
      }),
    );
    open('?clone=11111111-1111-4111-8111-111111111111');
    const rate = await screen.findByRole('textbox', { name: /Rate/ });
    expect(rate).toHaveValue('0.5');
    expect(
      screen.getByText(/at abcdef0123, not 9999999999/),
    ).toBeInTheDocument();
    await start();
    expect(
      await screen.findByText('expected at most 0.1, got 0.5'),
    ).toBeInTheDocument();
    words = 'spec.experiment: it is deleted';
    await start();
    expect(await screen.findByText(words)).toBeInTheDocument();
    await userEvent.type(rate, '1');
    await start();
    await waitFor(() => expect(ids).toHaveLength(3));
    expect(ids[1]).toBe(ids[0]);
    expect(ids[2]).not.toBe(ids[0]);
    expect(asked).toEqual([]);
  });

  it('goes on from the checkpoints of another job', async () => {
    const asked = serve();
    const { id } = JOB;
    open(`?clone=${id}&resume=${id}`);
    expect(
      await screen.findByText('Goes on from the checkpoints of bold-crane'),
    ).toBeInTheDocument();
    await start();
    await waitFor(() =>
      expect(asked[0]).toMatchObject({
        cloneOf: id,
        resumeOf: id,
        parameters: { epochs: 7, rate: 0.5 },
      }),
    );
  });

  it('goes on with the settings of the job that it resumes, also where that is named alone', async () => {
    const asked = serve();
    const { id } = JOB;
    open(`?clone=&resume=${id}`);
    expect(
      await screen.findByText('Goes on from the checkpoints of bold-crane'),
    ).toBeInTheDocument();
    await start();
    await waitFor(() =>
      expect(asked[0]).toMatchObject({
        resumeOf: id,
        parameters: { epochs: 7, rate: 0.5 },
      }),
    );
    expect(asked[0]).not.toHaveProperty('cloneOf');
  });

  it('takes an empty job as none', async () => {
    serve();
    open('?clone=&resume=');
    expect(await screen.findByRole('textbox', { name: /epochs/ })).toHaveValue(
      '40',
    );
    expect(screen.queryByText(/checkpoints of|As .* was/)).toBeNull();
  });

  it('starts nothing from the checkpoints of one job with the settings of another', async () => {
    serve();
    open(`?clone=22222222-2222-4222-8222-222222222222&resume=${JOB.id}`);
    expect(
      await screen.findByText('This address names two jobs'),
    ).toBeInTheDocument();
    expect(screen.queryByRole('button', { name: 'Start job' })).toBeNull();
    await userEvent.click(
      screen.getByRole('link', { name: 'Resume bold-crane' }),
    );
    expect(
      await screen.findByText('Goes on from the checkpoints of bold-crane'),
    ).toBeInTheDocument();
  });

  it('resumes no job whose program has never begun', async () => {
    serve();
    server.use(
      http.get(`${TRAINING_URL}/jobs/:id`, () =>
        HttpResponse.json(makeJob({ attempts: [] })),
      ),
    );
    open(`?resume=${JOB.id}`);
    expect(
      await screen.findByText('bold-crane has no checkpoints'),
    ).toBeInTheDocument();
    expect(
      screen.getByRole('link', { name: 'Clone bold-crane' }),
    ).toHaveAttribute(
      'href',
      `/ai-training/templates/digits/start?clone=${JOB.id}`,
    );
  });

  it('says so to those who may not', async () => {
    serve();
    open('', ['ai-training.job.submit']);
    expect(
      await screen.findByText('You may not start jobs of this template'),
    ).toBeInTheDocument();
    expect(
      screen.queryByRole('button', { name: 'Start job' }),
    ).not.toBeInTheDocument();
  });
});

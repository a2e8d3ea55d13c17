import { registerMswTestHooks } from '@backstage/frontend-test-utils';
import type {
  JobEvent,
  TrainingJob,
} from '@greenroom/plugin-ai-training-common';
import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { http, HttpResponse } from 'msw';
import { setupServer } from 'msw/node';
import {
  makeJob,
  makeRun,
  makeSeries,
  makeSpec,
} from '../__testUtils__/fixtures';
import { renderTraining, TRAINING_URL } from '../__testUtils__/renderTraining';

const server = setupServer();
const AT = '2026-05-03T10:00:00.000Z';

interface LogAnswer {
  attempt: string | null;
  lastEventId: string | null;
}

function serve(
  job: TrainingJob,
  options: {
    events?: JobEvent[];
    metrics?: boolean;
    versions?: { model: string; version: number }[];
    /** Parts of the stream, one for each time that it is asked for. */
    logs?: string[];
  } = {},
) {
  const {
    events = [],
    metrics = true,
    versions = [],
    logs = ['event: end\ndata: {}\n\n'],
  } = options;
  const asked: LogAnswer[] = [];
  const acts: string[] = [];
  server.use(
    http.post('*/api/ai-registry/version-searches', async ({ request }) => {
      const { conditions } = (await request.json()) as {
        conditions: { field: string; values: string[] }[];
      };
      const isOfRun = conditions.some(
        ({ field, values }) => field === 'run' && values.includes(job.run),
      );
      return HttpResponse.json({ items: isOfRun ? versions : [] });
    }),
    http.get(`${TRAINING_URL}/jobs/:id/events`, () =>
      HttpResponse.json({ items: events }),
    ),
    http.get(`${TRAINING_URL}/jobs/:id/log`, ({ request }) => {
      asked.push({
        attempt: new URL(request.url).searchParams.get('attempt'),
        lastEventId: request.headers.get('last-event-id'),
      });
      const text = logs[Math.min(asked.length, logs.length) - 1];
      return new HttpResponse(text, {
        headers: { 'Content-Type': 'text/event-stream' },
      });
    }),
    http.get(`${TRAINING_URL}/jobs/:id`, () => HttpResponse.json(job)),
    http.post(`${TRAINING_URL}/jobs/:id/:act`, ({ params }) => {
      acts.push(String(params.act));
      return HttpResponse.json(job);
    }),
    http.get(`${TRAINING_URL}/runs/:id`, () =>
      HttpResponse.json(
        makeRun({
          status: 'RUNNING',
          metrics: metrics
            ? [{ key: 'loss', value: 0.25, at: 1, step: 2 }]
            : [],
        }),
      ),
    ),
    http.post(`${TRAINING_URL}/metric-series`, () =>
      HttpResponse.json({
        items: [makeSeries('a'.repeat(32), 'loss', [1, 0.5, 0.25])],
      }),
    ),
  );
  return { asked, acts };
}

const open = (refused?: string[]) =>
  renderTraining({
    path: '/ai-training/jobs/11111111-1111-4111-8111-111111111111',
    refused,
  });

const logEvent = (text: string, fromByte: number, attempt = 1) =>
  `id: ${attempt}:${fromByte + text.length}\nevent: log\ndata: ${JSON.stringify(
    {
      attempt,
      fromByte,
      text,
    },
  )}\n\n`;

describe('JobPage', () => {
  registerMswTestHooks(server);

  it('shows how far a job is, what it measures and what it was started with', async () => {
    serve(
      makeJob({
        spec: makeSpec({ model: 'digits', experiment: 'clouds' }),
        parameters: { epochs: 40 },
        datasets: [
          {
            name: 'rows',
            dataset: 'digits-rows',
            version: 3,
            digest: 'sha256:12',
            file: { path: 'rows.csv', digest: 'sha256:12', sizeBytes: 1200 },
          },
        ],
        resources: { count: 2, nodes: 1, flavor: 'a100', memory: '2Gi' },
        cost: { amount: 1.5, currency: 'EUR' },
        progress: {
          progressPercentage: 40,
          estimatedRemainingSeconds: 90,
          lastUpdatedTime: AT,
        },
      }),
    );
    open();
    expect(
      await screen.findByRole('progressbar', { name: /bold-crane/ }),
    ).toHaveAttribute('aria-valuenow', '40');
    expect(screen.getByText('40 %, about 1 min 30 s left')).toBeInTheDocument();
    expect(await screen.findByRole('row', { name: /loss/ })).toHaveTextContent(
      '0.2500',
    );
    expect(screen.getByRole('row', { name: /epochs/ })).toHaveTextContent('40');
    expect(screen.getByRole('row', { name: /rows/ })).toHaveTextContent(
      'digits-rows, version 3',
    );
    expect(screen.getByText('2Gi')).toBeInTheDocument();
    expect(screen.getByRole('link', { name: 'clouds' })).toHaveAttribute(
      'href',
      '/ai-training/experiments/7',
    );
    expect(screen.getByRole('link', { name: 'aaaaaaaaaa' })).toHaveAttribute(
      'href',
      `/ai-training/runs/${'a'.repeat(32)}`,
    );
  });

  it('says why a job failed and what to do, with its last lines', async () => {
    const since = AT;
    const end = {
      kind: 'program-failed' as const,
      exitCode: 1,
      lastLines: 'ValueError: no rows',
    };
    serve(
      makeJob({
        state: { phase: 'failed', since, end },
        attempts: [
          {
            number: 1,
            startedAt: AT,
            endedAt: AT,
            end: { kind: 'evicted', message: 'drained' },
          },
          { number: 2, startedAt: AT, runningAt: AT, endedAt: AT, end },
        ],
      }),
      {
        events: [
          {
            id: 1,
            at: AT,
            state: { phase: 'queued', since, reason: { kind: 'new' } },
          },
          { id: 2, at: AT, attempt: 2, state: { phase: 'failed', since, end } },
        ],
      },
    );
    open();
    expect(await screen.findByText('ValueError: no rows')).toBeInTheDocument();
    expect(
      screen.getByText(/not tried again by themselves/),
    ).toBeInTheDocument();
    const states = screen.getByRole('list', { name: 'States of the job' });
    expect(
      within(states)
        .getAllByRole('listitem')
        .map(item => item.textContent),
    ).toEqual([
      expect.stringMatching(/^QueuedIt has just come/),
      expect.stringMatching(/^Failed, attempt 2Its program ended with exit/),
    ]);
    const attempts = screen.getByRole('table', { name: 'Attempts' });
    expect(within(attempts).getAllByRole('row')[1]).toHaveTextContent(
      'Its node was taken away',
    );
  });

  it('shows the log as it comes, and goes on where the connection broke', async () => {
    const { asked } = serve(makeJob(), {
      logs: [
        logEvent('epoch 1\nepoch 2\n', 0),
        `${logEvent('WARNING: hot\n', 16)}event: end\ndata: {}\n\n`,
      ],
    });
    open();
    const log = await screen.findByRole('log');
    await waitFor(() => expect(log.textContent).toBe('epoch 1\nepoch 2'));
    await waitFor(
      () => expect(log.textContent).toBe('epoch 1\nepoch 2\nWARNING: hot'),
      { timeout: 4_000 },
    );
    expect(asked).toEqual([
      { attempt: '1', lastEventId: null },
      { attempt: '1', lastEventId: '1:16' },
    ]);
    expect(screen.getByText('3 lines, nothing more comes')).toBeInTheDocument();
    await userEvent.type(
      screen.getByRole('searchbox', { name: 'Search the log' }),
      'warn',
    );
    expect(log.textContent).toBe('WARNING: hot');
    // Nothing comes that one could hold up or have read out.
    expect(screen.queryByRole('button', { name: 'Pause' })).toBeNull();
    expect(screen.queryByRole('switch', { name: /out/ })).toBeNull();
  });

  it('reads a log out that goes on, and holds it, where somebody says so', async () => {
    serve(makeJob(), { logs: [logEvent('epoch 1\n', 0)] });
    open();
    const log = await screen.findByRole('log');
    await waitFor(() => expect(log.textContent).toBe('epoch 1'));
    // Nobody wants to hear each line, unless they say so.
    expect(log).toHaveAttribute('aria-live', 'off');
    await userEvent.click(
      screen.getByRole('switch', { name: 'Read new lines out' }),
    );
    expect(log).toHaveAttribute('aria-live', 'polite');
    await userEvent.click(screen.getByRole('button', { name: 'Pause' }));
    expect(screen.getByRole('button', { name: 'Follow' })).toBeInTheDocument();
  });

  it('leads to the versions that it registered', async () => {
    serve(
      makeJob({
        spec: makeSpec({ model: 'digits' }),
        state: { phase: 'succeeded', since: AT },
      }),
      {
        versions: [
          { model: 'digits', version: 6 },
          { model: 'digits', version: 5 },
        ],
      },
    );
    open();
    // Without the registry's pages they are words, and no links.
    expect(await screen.findByText('digits 6, digits 5')).toBeInTheDocument();
    expect(screen.getByText('Registered')).toBeInTheDocument();
  });

  it('keeps the last lines, and says where the older ones are', async () => {
    const lines = Array.from({ length: 6_000 }, (_, i) => `line ${i}`);
    serve(makeJob(), {
      logs: [`${logEvent(`${lines.join('\n')}\n`, 0)}event: end\ndata: {}\n\n`],
    });
    open();
    expect(await screen.findByText(/1,000 before them/)).toHaveTextContent(
      'logs/attempt-1.log',
    );
    expect(screen.getByText(/5,000 lines, nothing/)).toBeInTheDocument();
  });

  it('is cancelled after a question', async () => {
    const { acts } = serve(makeJob());
    open();
    await userEvent.click(
      await screen.findByRole('button', { name: 'Cancel job' }),
    );
    expect(acts).toEqual([]);
    await userEvent.click(
      await screen.findByRole('button', { name: 'End it' }),
    );
    await waitFor(() => expect(acts).toEqual(['cancel']));
    expect(
      screen.queryByRole('button', { name: 'Retry' }),
    ).not.toBeInTheDocument();
  });

  it('is tried again, cloned and resumed once it has ended', async () => {
    const { acts } = serve(
      makeJob({
        spec: makeSpec({ checkpoints: true }),
        state: { phase: 'cancelled', since: AT, by: 'user:default/ada' },
      }),
    );
    open();
    await userEvent.click(await screen.findByRole('button', { name: 'Retry' }));
    await userEvent.click(
      await screen.findByRole('button', { name: 'Retry job' }),
    );
    await waitFor(() => expect(acts).toEqual(['retry']));
    const id = '11111111-1111-4111-8111-111111111111';
    expect(
      screen.getByRole('link', { name: 'Clone with changes' }),
    ).toHaveAttribute(
      'href',
      `/ai-training/templates/digits/start?clone=${id}`,
    );
    expect(
      screen.getByRole('link', { name: 'Resume from checkpoint' }),
    ).toHaveAttribute(
      'href',
      `/ai-training/templates/digits/start?clone=${id}&resume=${id}`,
    );
    expect(
      screen.queryByRole('button', { name: 'Cancel job' }),
    ).not.toBeInTheDocument();
  });

  it('is not cloned by a form where it converts a version', async () => {
    const state = {
      phase: 'failed',
      since: AT,
      end: { kind: 'lost', message: 'gone' },
    } as const;
    serve(makeJob({ template: 'onnx.digits', state }));
    open();
    await screen.findByRole('button', { name: 'Retry' });
    expect(
      screen.queryByRole('link', { name: 'Clone with changes' }),
    ).not.toBeInTheDocument();
  });

  it('offers nothing to those who may not, and waits for a program that has not begun', async () => {
    serve(
      makeJob({
        attempts: [],
        state: {
          phase: 'queued',
          since: AT,
          reason: { kind: 'behind-others', position: 2, flavor: 'a100' },
        },
      }),
      { metrics: false },
    );
    open(['ai-training.job.steer', 'ai-training.job.submit']);
    expect(
      (await screen.findAllByText('2nd in the queue of a100')).length,
    ).toBeGreaterThan(0);
    expect(await screen.findByText('Nothing measured yet')).toBeInTheDocument();
    expect(screen.getByText(/has not begun/)).toBeInTheDocument();
    for (const name of ['Cancel job', 'Retry']) {
      expect(screen.queryByRole('button', { name })).not.toBeInTheDocument();
    }
    expect(
      screen.queryByRole('link', { name: 'Clone with changes' }),
    ).not.toBeInTheDocument();
  });
});

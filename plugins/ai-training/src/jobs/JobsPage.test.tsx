import { registerMswTestHooks } from '@backstage/frontend-test-utils';
import type { TrainingJob } from '@greenroom/plugin-ai-training-common';
import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { http, HttpResponse } from 'msw';
import { setupServer } from 'msw/node';
import { makeJob, makeTemplate } from '../__testUtils__/fixtures';
import {
  refusal,
  renderTraining,
  TRAINING_URL,
} from '../__testUtils__/renderTraining';

const server = setupServer();
const AT = '2026-05-03T10:00:00.000Z';

function serve(
  items: TrainingJob[],
  { templates = [makeTemplate()], nextCursor = '' } = {},
) {
  const asked: URLSearchParams[] = [];
  server.use(
    http.get(`${TRAINING_URL}/jobs`, ({ request }) => {
      const { searchParams } = new URL(request.url);
      asked.push(searchParams);
      return HttpResponse.json({
        items,
        ...(nextCursor && !searchParams.has('cursor') && { nextCursor }),
      });
    }),
    http.get(`${TRAINING_URL}/templates`, () =>
      HttpResponse.json({ items: templates }),
    ),
  );
  return asked;
}

const open = (search = '') =>
  renderTraining({ path: `/ai-training/jobs${search}` });

describe('JobsPage', () => {
  registerMswTestHooks(server);

  it('shows where each job stands, and why', async () => {
    serve([
      makeJob({
        id: 'one',
        state: {
          phase: 'queued',
          since: AT,
          reason: { kind: 'behind-others', position: 3, flavor: 'a100' },
        },
        attempts: [],
        resources: { count: 2, nodes: 1, flavor: 'a100' },
      }),
      makeJob({
        id: 'two',
        name: 'calm-heron',
        state: { phase: 'succeeded', since: AT },
        attempts: [
          {
            number: 1,
            startedAt: AT,
            runningAt: AT,
            endedAt: '2026-05-03T10:02:05.000Z',
          },
        ],
        progress: { progressPercentage: 100, lastUpdatedTime: AT },
      }),
    ]);
    open();
    const row = await screen.findByRole('row', { name: /bold-crane/ });
    expect(row).toHaveTextContent('Queued3rd in the queue of a100');
    expect(
      within(row).getByRole('link', { name: 'bold-crane' }),
    ).toHaveAttribute('href', '/ai-training/jobs/one');
    const done = screen.getByRole('row', { name: /calm-heron/ });
    expect(done).toHaveTextContent('Succeeded');
    expect(
      within(done).getByRole('progressbar', { name: /calm-heron/ }),
    ).toHaveAttribute('aria-valuenow', '100');
  });

  it('asks for those that somebody looks for, also of an address', async () => {
    const asked = serve([]);
    open('?phase=failed&template=digits&team=group%3Adefault%2Fvision-team');
    expect(await screen.findByText('No job matches')).toBeInTheDocument();
    expect(asked[0].toString()).toBe(
      'phase=failed&template=digits&team=group%3Adefault%2Fvision-team&limit=100',
    );
    await userEvent.click(
      screen.getByRole('button', { name: 'Show all jobs' }),
    );
    await waitFor(() => expect(asked.at(-1)!.toString()).toBe('limit=100'));
  });

  it('turns pages', async () => {
    const asked = serve([makeJob()], { nextCursor: 'c2' });
    open();
    await userEvent.click(await screen.findByRole('button', { name: 'Older' }));
    await waitFor(() => expect(asked.at(-1)!.get('cursor')).toBe('c2'));
    await waitFor(() =>
      expect(screen.getByRole('button', { name: 'Older' })).toBeDisabled(),
    );
    await userEvent.click(screen.getByRole('button', { name: 'Newest' }));
    await waitFor(() => expect(asked.at(-1)!.get('cursor')).toBeNull());
  });

  it('shows the newest jobs where a cursor is not known any more, and drops it', async () => {
    const asked = serve([makeJob()]);
    server.use(
      http.get(`${TRAINING_URL}/jobs`, ({ request }) =>
        new URL(request.url).searchParams.has('cursor')
          ? refusal(400, "cursor 'abc' is not one that this list gave")
          : undefined,
      ),
    );
    open('?phase=failed&cursor=abc');
    expect(await screen.findByText('bold-crane')).toBeInTheDocument();
    expect(screen.queryByText(/not one that this list/)).toBeNull();
    expect(asked[0].toString()).toBe('phase=failed&limit=100');
    // It is gone from the address, too: there is no page to go back from.
    await waitFor(() =>
      expect(screen.queryByRole('button', { name: 'Newest' })).toBeNull(),
    );
  });

  it('says what is refused without a cursor, too', async () => {
    serve([]);
    server.use(
      http.get(`${TRAINING_URL}/jobs`, () => refusal(400, 'no such team')),
    );
    open('?team=x&cursor=abc');
    expect(await screen.findByText(/no such team/)).toBeInTheDocument();
  });

  it('takes an empty cursor as none', async () => {
    const asked = serve([makeJob()]);
    open('?cursor=');
    await screen.findByText('bold-crane');
    expect(asked[0].toString()).toBe('limit=100');
  });

  it('says what to do where there is no template', async () => {
    serve([], { templates: [] });
    open();
    expect(await screen.findByText('No job yet')).toBeInTheDocument();
    expect(
      screen.getByRole('link', { name: 'Register a template' }),
    ).toHaveAttribute('href', '/ai-training/templates');
    expect(screen.getByRole('link', { name: 'Train a model' })).toHaveAttribute(
      'href',
      expect.stringContaining('docs/how-to/train-a-model.md'),
    );
  });

  it('is there without the templates, and says so where it fails itself', async () => {
    serve([makeJob()]);
    server.use(
      http.get(`${TRAINING_URL}/templates`, () => refusal(403, 'Not yours')),
    );
    open();
    expect(
      await screen.findByRole('link', { name: 'bold-crane' }),
    ).toBeInTheDocument();
    server.use(http.get(`${TRAINING_URL}/jobs`, () => refusal(500, 'On fire')));
    await userEvent.click(
      screen.getByRole('link', { name: 'Start from a template' }),
    );
    expect(await screen.findByText('Not yours')).toBeInTheDocument();
  });
});

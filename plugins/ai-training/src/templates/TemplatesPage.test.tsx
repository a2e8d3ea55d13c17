import { registerMswTestHooks } from '@backstage/frontend-test-utils';
import type {
  Retraining,
  TrainingTemplate,
} from '@greenroom/plugin-ai-training-common';
import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { http, HttpResponse } from 'msw';
import { setupServer } from 'msw/node';
import { makeSpec, makeTemplate } from '../__testUtils__/fixtures';
import {
  refusal,
  renderTraining,
  TRAINING_URL,
} from '../__testUtils__/renderTraining';

const server = setupServer();

function serve(items: TrainingTemplate[], retrainings: Retraining[] = []) {
  const asked: [string, unknown][] = [];
  server.use(
    http.get(`${TRAINING_URL}/templates`, () => HttpResponse.json({ items })),
    http.get(`${TRAINING_URL}/retrainings`, () =>
      HttpResponse.json({ items: retrainings }),
    ),
    http.post(
      `${TRAINING_URL}/retrainings/:environment/:model/:act`,
      ({ params }) => {
        const { environment, model, act } = params;
        asked.push([String(act), `${environment}/${model}`]);
        return HttpResponse.json({});
      },
    ),
    http.post(`${TRAINING_URL}/templates`, async ({ request }) => {
      asked.push(['register', await request.json()]);
      return HttpResponse.json(makeTemplate());
    }),
    http.post(`${TRAINING_URL}/templates/:name/refresh`, ({ params }) => {
      asked.push(['refresh', params.name]);
      return HttpResponse.json(makeTemplate());
    }),
    http.delete(`${TRAINING_URL}/templates/:name`, ({ params }) => {
      asked.push(['delete', params.name]);
      return new HttpResponse(null, { status: 204 });
    }),
  );
  return asked;
}

const open = (refused?: string[]) =>
  renderTraining({ path: '/ai-training/templates', refused });
const ADDRESS =
  'https://github.com/vision/digits/blob/main/greenroom/train.yaml';

describe('TemplatesPage', () => {
  registerMswTestHooks(server);

  it('shows where templates lie, and why one could not be read again', async () => {
    serve([
      makeTemplate({ problem: 'spec.owner: expected an entity ref' }),
      makeTemplate({
        spec: makeSpec({ name: 'local', title: 'Local' }),
        location: { type: 'file', target: '/srv/train.yaml' },
      }),
    ]);
    open();
    expect(
      await screen.findByText('spec.owner: expected an entity ref'),
    ).toBeInTheDocument();
    expect(screen.getAllByText('abcdef0123')).toHaveLength(2);
    expect(
      screen.getByRole('link', { name: /git.example.com/ }),
    ).toHaveAttribute('target', '_blank');
    expect(screen.getByText(/^\/srv\/train.yaml/)).toBeInTheDocument();
    expect(
      await screen.findByRole('link', { name: 'Start a job of digits' }),
    ).toHaveAttribute('href', '/ai-training/templates/digits/start');
    // The configuration has it: it would be there again.
    expect(
      screen.queryByRole('button', { name: 'Remove local' }),
    ).not.toBeInTheDocument();
  });

  it('registers one, and shows what the server says of it', async () => {
    const asked = serve([]);
    open();
    await userEvent.click(
      await screen.findByRole('button', { name: 'Register template' }),
    );
    const address = await screen.findByRole('textbox', { name: /Address/ });
    await userEvent.type(address, 'github.com/vision');
    await userEvent.click(screen.getByRole('button', { name: 'Register' }));
    expect(await screen.findByText(/Expected the address/)).toBeInTheDocument();
    expect(asked).toEqual([]);
    server.use(
      http.post(`${TRAINING_URL}/templates`, () =>
        refusal(400, 'spec.parameters[0].type: expected one of integer'),
      ),
    );
    await userEvent.clear(address);
    await userEvent.type(address, ADDRESS);
    await userEvent.click(screen.getByRole('button', { name: 'Register' }));
    expect(
      await screen.findByText(
        'spec.parameters[0].type: expected one of integer',
      ),
    ).toBeInTheDocument();
    serve([makeTemplate()]).push(...asked);
    await userEvent.click(screen.getByRole('button', { name: 'Register' }));
    expect(await screen.findByText('Digits')).toBeInTheDocument();
  });

  it('has one read again, and removes it after a question', async () => {
    const asked = serve([makeTemplate()]);
    open();
    await userEvent.click(
      await screen.findByRole('button', { name: 'Read again: digits' }),
    );
    await waitFor(() => expect(asked).toEqual([['refresh', 'digits']]));
    await userEvent.click(
      screen.getByRole('button', { name: 'Remove digits' }),
    );
    await userEvent.click(
      await screen.findByRole('button', { name: 'Remove template' }),
    );
    await waitFor(() => expect(asked.at(-1)).toEqual(['delete', 'digits']));
  });

  it('offers nothing to those who may not', async () => {
    serve([makeTemplate()]);
    open([
      'ai-training.template.register',
      'ai-training.template.update',
      'ai-training.job.submit',
    ]);
    const register = await screen.findByRole('button', {
      name: 'Register template',
    });
    await waitFor(() => expect(register).toBeDisabled());
    await screen.findByText('Digits');
    expect(screen.queryByRole('link', { name: /^Start/ })).toBeNull();
    expect(screen.queryByRole('button', { name: /again|Remove/ })).toBeNull();
  });

  const retraining: Retraining = {
    environment: 'production',
    model: 'digits',
    policy: { template: 'digits', everyDays: 30, onDrift: true },
    isWanted: true,
    failures: 0,
    state: {
      phase: 'registered',
      since: '2026-05-01T00:00:00.000Z',
      job: 'c0ffee00-0000-4000-8000-000000000000',
      version: 4,
      nextAt: '2026-05-31T00:00:00.000Z',
    },
    events: [],
  };

  it('shows what is trained again by itself, and lets it be started and paused', async () => {
    const asked = serve(
      [makeTemplate(), makeTemplate({ spec: makeSpec({ name: 'other' }) })],
      [
        {
          ...retraining,
          events: [
            { id: 2, at: retraining.state.since, state: retraining.state },
            {
              id: 1,
              at: '2026-04-30T00:00:00.000Z',
              state: {
                phase: 'failed',
                since: '2026-04-30T00:00:00.000Z',
                because: { kind: 'days', days: 30 },
                reason: 'It broke.',
                retryAt: '2026-05-01T00:00:00.000Z',
              },
            },
          ],
        },
        {
          ...retraining,
          model: 'letters',
          state: {
            phase: 'paused',
            since: '2026-05-01T00:00:00.000Z',
            by: 'user:default/ada',
            reason: 'New data comes.',
          },
        },
      ],
    );
    open();
    const happened = await screen.findByRole('list', {
      name: 'What happened to digits',
      hidden: true,
    });
    expect(
      within(happened).getByText('The job made version 4'),
    ).toHaveAttribute(
      'href',
      '/ai-training/jobs/c0ffee00-0000-4000-8000-000000000000',
    );
    expect(
      within(happened).getByText(/Failed: It broke\./),
    ).toBeInTheDocument();
    expect(
      await screen.findByText(
        /made version 4\. It is trained .*May.*, or when its input has drifted/,
      ),
    ).toBeInTheDocument();
    expect(screen.getByRole('link', { name: 'Last job' })).toHaveAttribute(
      'href',
      '/ai-training/jobs/c0ffee00-0000-4000-8000-000000000000',
    );
    expect(screen.getByText(/New data comes\./)).toBeInTheDocument();
    await userEvent.click(
      await screen.findByRole('button', {
        name: 'Train now: digits for production',
      }),
    );
    await userEvent.click(
      screen.getByRole('button', { name: 'Pause: digits for production' }),
    );
    await userEvent.click(
      screen.getByRole('button', { name: 'Resume: letters for production' }),
    );
    await waitFor(() =>
      expect(asked).toEqual([
        ['start', 'production/digits'],
        ['pause', 'production/digits'],
        ['resume', 'production/letters'],
      ]),
    );
  });

  it('shows what is to be trained with a template that is not there', async () => {
    serve(
      [makeTemplate()],
      [
        retraining,
        {
          ...retraining,
          model: 'letters',
          policy: { template: 'letters' },
          state: {
            phase: 'failed',
            since: '2026-05-01T00:00:00.000Z',
            because: { kind: 'days', days: 30 },
            reason: "There is no template 'letters'.",
            retryAt: '2026-05-02T00:00:00.000Z',
          },
        },
      ],
    );
    open();
    expect(
      await screen.findByText(/There is no template 'letters'/),
    ).toBeInTheDocument();
    expect(
      screen.getByRole('heading', { name: 'Without a template' }),
    ).toBeInTheDocument();
    expect(screen.getAllByText(/Trains \w+ again/)).toHaveLength(2);
  });

  it('tells why it could not be paused', async () => {
    serve([makeTemplate()], [retraining]);
    server.use(
      http.post(`${TRAINING_URL}/retrainings/*`, () =>
        refusal(409, 'It is paused already, by user:default/bob'),
      ),
    );
    open();
    await userEvent.click(
      await screen.findByRole('button', {
        name: 'Pause: digits for production',
      }),
    );
    expect(
      await screen.findByText('It is paused already, by user:default/bob'),
    ).toBeInTheDocument();
  });

  it('lets only those steer it who may', async () => {
    serve([makeTemplate()], [retraining]);
    open(['ai-training.job.steer']);
    expect(await screen.findByText(/made version 4/)).toBeInTheDocument();
    expect(screen.queryByRole('button', { name: /Pause|now/ })).toBeNull();
  });

  it('says how to write the first one', async () => {
    serve([]);
    open();
    expect(await screen.findByText('No template yet')).toBeInTheDocument();
    expect(
      screen.getByRole('link', { name: 'Train a model' }),
    ).toBeInTheDocument();
  });
});

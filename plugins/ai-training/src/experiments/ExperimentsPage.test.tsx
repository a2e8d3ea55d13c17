import { registerMswTestHooks } from '@backstage/frontend-test-utils';
import type { NewExperiment } from '@greenroom/plugin-ai-training-common';
import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { http, HttpResponse } from 'msw';
import { setupServer } from 'msw/node';
import { makeExperiment } from '../__testUtils__/fixtures';
import {
  refusal,
  renderTraining,
  TRAINING_URL,
} from '../__testUtils__/renderTraining';

const server = setupServer();
const experiments = [
  makeExperiment({ tags: { 'mlflow.note.content': 'Reads digits.\nMore.' } }),
  makeExperiment({ id: '0', name: 'Default' }),
];

function serve(items = experiments) {
  server.use(
    http.get(`${TRAINING_URL}/experiments`, ({ request }) => {
      const query = new URL(request.url).searchParams;
      return HttpResponse.json({
        items: items.filter(
          ({ name, lifecycle }) =>
            name.includes(query.get('search') ?? '') &&
            lifecycle === (query.get('lifecycle') ?? 'active'),
        ),
      });
    }),
  );
}

describe('ExperimentsPage', () => {
  registerMswTestHooks(server);

  it('lists experiments with their owners, and finds some of them', async () => {
    serve();
    renderTraining({ path: '/ai-training' });
    expect(await screen.findByRole('link', { name: 'digits' })).toHaveAttribute(
      'href',
      '/ai-training/experiments/7',
    );
    expect(screen.getByText('Reads digits.')).toBeInTheDocument();
    expect(screen.getByText('2 experiments')).toBeInTheDocument();

    await userEvent.type(
      screen.getByRole('searchbox', { name: 'Search experiments' }),
      'nothing',
    );
    expect(
      await screen.findByText('No experiment matches'),
    ).toBeInTheDocument();
    await userEvent.click(
      screen.getByRole('button', { name: 'Show all experiments' }),
    );
    expect(
      await screen.findByRole('link', { name: 'digits' }),
    ).toBeInTheDocument();
  });

  it('shows the deleted ones instead, or that there are none', async () => {
    serve([
      ...experiments,
      makeExperiment({ id: '9', name: 'old', lifecycle: 'deleted' }),
    ]);
    renderTraining({ path: '/ai-training' });
    await screen.findByRole('link', { name: 'digits' });
    await userEvent.click(
      screen.getByRole('switch', { name: 'Deleted experiments' }),
    );
    expect(
      await screen.findByRole('link', { name: 'old' }),
    ).toBeInTheDocument();
    expect(
      screen.queryByRole('link', { name: 'digits' }),
    ).not.toBeInTheDocument();
    serve();
    await userEvent.click(
      screen.getByRole('switch', { name: 'Deleted experiments' }),
    );
    await screen.findByRole('link', { name: 'digits' });
    await userEvent.click(
      screen.getByRole('switch', { name: 'Deleted experiments' }),
    );
    expect(
      await screen.findByText('No deleted experiment'),
    ).toBeInTheDocument();
  });

  it('says how to log the first run while there is only the default experiment', async () => {
    serve([experiments[1]]);
    renderTraining({ path: '/ai-training' });
    expect(await screen.findByText('Log your first run')).toBeInTheDocument();
    expect(
      await screen.findByText(
        /MLFLOW_TRACKING_URI=http:\/\/localhost:7007\/api\/ai-training\/mlflow/,
      ),
    ).toBeInTheDocument();
    expect(screen.getByText(/import mlflow/)).toBeInTheDocument();
  });

  it('makes an experiment and goes to it', async () => {
    serve();
    const asked: NewExperiment[] = [];
    server.use(
      http.post(`${TRAINING_URL}/experiments`, async ({ request }) => {
        asked.push((await request.json()) as NewExperiment);
        return asked.length === 1
          ? refusal(409, "There is an experiment 'faces' already")
          : HttpResponse.json(makeExperiment({ id: '8', name: 'faces' }));
      }),
      http.get(`${TRAINING_URL}/experiments/8`, () =>
        HttpResponse.json(makeExperiment({ id: '8', name: 'faces' })),
      ),
      http.get(`${TRAINING_URL}/experiments/8/runs`, () =>
        HttpResponse.json({ items: [] }),
      ),
    );
    renderTraining({ path: '/ai-training' });
    await userEvent.click(
      await screen.findByRole('button', { name: 'New experiment' }),
    );
    // The open list of owners hides it from readers, not from the pointer.
    const send = await screen.findByRole('button', {
      name: 'Make experiment',
    });
    await userEvent.click(send);
    expect(await screen.findByText(/Give it a name/)).toBeInTheDocument();
    await userEvent.type(
      screen.getByRole('textbox', { name: /Name/ }),
      'faces',
    );
    await userEvent.type(
      screen.getByRole('combobox', { name: /Owner/ }),
      'group:default/vision-team',
    );
    await userEvent.click(send);
    expect(await screen.findByText(/There is an experiment/)).toBeVisible();
    await userEvent.click(send);
    expect(await screen.findByText('No run yet')).toBeInTheDocument();
    expect(asked[1]).toEqual({
      name: 'faces',
      owner: 'group:default/vision-team',
    });
  });

  it('offers to make one only to those who may', async () => {
    serve();
    renderTraining({
      path: '/ai-training',
      refused: ['ai-training.experiment.create'],
    });
    await screen.findByRole('link', { name: 'digits' });
    expect(
      screen.getByRole('button', { name: 'New experiment' }),
    ).toBeDisabled();
  });
});

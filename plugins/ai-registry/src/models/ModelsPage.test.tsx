import { registerMswTestHooks } from '@backstage/frontend-test-utils';
import { MODEL_TASKS } from '@greenroom/plugin-ai-registry-common';
import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { HttpResponse, http } from 'msw';
import { setupServer } from 'msw/node';
import { makeModel, makeVersion } from '../__testUtils__/fixtures';
import {
  INFERENCE_URL,
  movingDigits,
  serveInference,
} from '../__testUtils__/serveModel';
import {
  REGISTRY_URL,
  refusal,
  renderRegistry,
} from '../__testUtils__/renderRegistry';
import { taskLabel } from './taskLabel';

const server = setupServer();

const diabetes = makeModel({
  name: 'diabetes',
  title: 'Diabetes progression',
  task: 'regression',
  owner: 'group:default/health-team',
  tags: { domain: 'health' },
  versionCount: 0,
  latestVersion: undefined,
  aliases: [],
});

function serveModels(models: ReturnType<typeof makeModel>[]) {
  const queries: URLSearchParams[] = [];
  server.use(
    ...serveInference(),
    http.get(`${REGISTRY_URL}/models`, ({ request }) => {
      const { searchParams } = new URL(request.url);
      queries.push(searchParams);
      const search = searchParams.get('search')?.toLowerCase() ?? '';
      const owner = searchParams.get('owner');
      const items = models.filter(
        model =>
          model.title.toLowerCase().includes(search) &&
          (!owner || model.owner === owner),
      );
      return HttpResponse.json({ items, totalItems: items.length });
    }),
    http.get(`${REGISTRY_URL}/models/digits/versions`, () =>
      HttpResponse.json({
        items: [
          makeVersion({ version: 2 }, { accuracy: 0.97 }),
          makeVersion({ version: 1 }, { accuracy: 0.95 }),
        ],
        totalItems: 2,
      }),
    ),
  );
  return queries;
}

describe('ModelsPage', () => {
  registerMswTestHooks(server);

  it('shows what runs and how the metric moved, and finds models while one types', async () => {
    const queries = serveModels([makeModel(), diabetes]);
    renderRegistry({ path: '/ai-registry/models' });

    const digits = await screen.findByRole('article', {
      name: 'Handwritten digits',
    });
    expect(within(digits).getByText('version 1')).toBeInTheDocument();
    expect(
      await within(digits).findByRole('img', {
        name: 'accuracy from 0.9500 to 0.9700 over 2 versions',
      }),
    ).toBeInTheDocument();
    expect(
      within(digits).getByRole('link', { name: 'Handwritten digits' }),
    ).toHaveAttribute('href', '/ai-registry/models/digits');

    await userEvent.type(screen.getByLabelText('Search models'), 'diabetes');
    expect(await screen.findByText('1 model found')).toBeInTheDocument();
    expect(
      screen.queryByRole('article', { name: 'Handwritten digits' }),
    ).not.toBeInTheDocument();
    expect(queries.at(-1)?.get('search')).toBe('diabetes');

    await userEvent.type(screen.getByLabelText('Search models'), ' x');
    await userEvent.click(
      await screen.findByRole('button', { name: 'Show all models' }),
    );
    expect(await screen.findByText('2 models')).toBeInTheDocument();
  });

  it('says what serves where that is not what is wanted, asking once for all models', async () => {
    serveModels([makeModel(), diabetes]);
    const asked: string[][] = [];
    server.use(
      http.get(`${INFERENCE_URL}/deployments`, ({ request }) => {
        const { searchParams } = new URL(request.url);
        asked.push(searchParams.getAll('models'));
        return HttpResponse.json({ items: [movingDigits], totalItems: 1 });
      }),
    );
    renderRegistry({ path: '/ai-registry/models' });

    const digits = await screen.findByRole('article', {
      name: 'Handwritten digits',
    });
    const serving = await within(digits).findByText(
      'Serving version 1 (90 %) and version 2 (10 %)',
    );
    expect(serving).toHaveAttribute(
      'title',
      'Version 2 has 10 % of the traffic',
    );
    expect(asked).toEqual([['digits', 'diabetes']]);
  });

  it('shows no more models than one request gives, and says how to find the others', async () => {
    const limits: number[] = [];
    server.use(
      ...serveInference(),
      http.get(`${REGISTRY_URL}/models`, ({ request }) => {
        const limit = Number(new URL(request.url).searchParams.get('limit'));
        limits.push(limit);
        const items = [makeModel({ versionCount: 0 })];
        return HttpResponse.json({ items, totalItems: 10_000 });
      }),
    );
    renderRegistry({ path: '/ai-registry/models' });
    for (const limit of [48, 72, 96, 120, 144, 168, 192, 200]) {
      await userEvent.click(
        await screen.findByRole('button', { name: 'Show more' }),
      );
      await waitFor(() => expect(limits).toContain(limit));
    }
    expect(
      screen.queryByRole('button', { name: 'Show more' }),
    ).not.toBeInTheDocument();
    expect(screen.getByText(/More than 200 are not shown/)).toBeVisible();
    expect(Math.max(...limits)).toBe(200);
  });

  it('asks for the owner that was in the address', async () => {
    const queries = serveModels([makeModel(), diabetes]);
    renderRegistry({
      path: '/ai-registry/models?owner=group:default/health-team',
    });
    expect(await screen.findByText('1 model found')).toBeInTheDocument();
    expect(queries.map(query => query.get('owner'))).toContain(
      'group:default/health-team',
    );
  });

  it('explains how the first model gets in, and registers it', async () => {
    serveModels([]);
    const created = jest.fn();
    server.use(
      http.post(`${REGISTRY_URL}/models`, async ({ request }) => {
        created(await request.json());
        return HttpResponse.json(makeModel({ name: 'iris' }), { status: 201 });
      }),
      http.get(`${REGISTRY_URL}/models/iris/overview`, () =>
        HttpResponse.json({
          model: makeModel({ name: 'iris', title: 'Iris', versionCount: 0 }),
          versions: [],
          intervals: [],
          deployments: [],
          problems: [],
          openPromotions: [],
        }),
      ),
    );
    renderRegistry({ path: '/ai-registry/models' });

    expect(
      await screen.findByText('Or from a training script'),
    ).toBeInTheDocument();
    await userEvent.click(
      screen.getAllByRole('button', { name: 'Register model' })[0],
    );
    const dialog = await screen.findByRole('dialog', {
      name: 'Register model',
    });
    await userEvent.type(within(dialog).getByLabelText(/^Name/), 'Iris');
    await userEvent.click(
      within(dialog).getByRole('button', { name: 'Register' }),
    );
    expect(
      await within(dialog).findByText(/Use 1 to 63 lower-case letters/),
    ).toBeInTheDocument();
    expect(created).not.toHaveBeenCalled();

    await userEvent.clear(within(dialog).getByLabelText(/^Name/));
    await userEvent.type(within(dialog).getByLabelText(/^Name/), 'iris');
    await userEvent.type(
      within(dialog).getByRole('combobox', { name: /Owner/ }),
      'vision',
    );
    await userEvent.click(
      await screen.findByRole('option', { name: 'group:default/vision-team' }),
    );
    await userEvent.click(within(dialog).getByRole('button', { name: /Task/ }));
    expect(
      (await screen.findAllByRole('option')).map(option => option.textContent),
    ).toEqual(MODEL_TASKS.map(taskLabel));
    await userEvent.click(
      screen.getByRole('option', { name: 'Object detection' }),
    );
    await userEvent.click(
      within(dialog).getByRole('button', { name: 'Register' }),
    );
    expect(
      await screen.findByRole('heading', { name: 'Iris' }),
    ).toBeInTheDocument();
    expect(created).toHaveBeenCalledWith({
      name: 'iris',
      task: 'object-detection',
      owner: 'group:default/vision-team',
    });
    await waitFor(() =>
      expect(screen.queryByRole('dialog')).not.toBeInTheDocument(),
    );
  });

  it('offers the owners and systems of this installation', async () => {
    server.use(
      http.get(`${REGISTRY_URL}/models`, () =>
        HttpResponse.json({ items: [], totalItems: 0 }),
      ),
    );
    const entities = [
      ['Group', 'fraud'],
      ['System', 'payments'],
    ].map(([kind, name]) => ({
      apiVersion: 'backstage.io/v1alpha1',
      kind,
      metadata: { namespace: 'default', name },
    }));
    const expectOffers = async (refused: string[], expected: string[][]) => {
      const { unmount } = renderRegistry({
        path: '/ai-registry/models',
        entities,
        refused,
      });
      // The example is somebody's who is signed in.
      expect(
        await screen.findByText(/owner: 'group:default\/vision-team'/),
      ).toBeInTheDocument();
      await userEvent.click(
        screen.getAllByRole('button', { name: 'Register model' })[0],
      );
      const dialog = await screen.findByRole('dialog');
      for (const [index, name] of [/Owner/, /System/].entries()) {
        await userEvent.type(
          within(dialog).getByRole('combobox', { name }),
          ':default/',
        );
        await waitFor(() =>
          expect(
            screen.getAllByRole('option').map(option => option.textContent),
          ).toEqual(expected[index]),
        );
        await userEvent.keyboard('{Escape}');
      }
      unmount();
    };
    const systems = ['system:default/payments'];
    await expectOffers(
      [],
      [
        [
          'user:default/ada',
          'group:default/vision-team',
          'group:default/fraud',
        ],
        systems,
      ],
    );
    await expectOffers(
      ['ai-registry.model.create-for-others'],
      [['user:default/ada', 'group:default/vision-team'], systems],
    );
  });

  it('says why the models could not be loaded, and tries once more', async () => {
    server.use(
      http.get(`${REGISTRY_URL}/models`, () =>
        refusal(503, 'the database is away'),
      ),
    );
    renderRegistry({ path: '/ai-registry/models' });
    expect(await screen.findByRole('alert')).toHaveTextContent(
      'the database is away',
    );
    serveModels([makeModel()]);
    await userEvent.click(screen.getByRole('button', { name: 'Try again' }));
    expect(
      await screen.findByRole('article', { name: 'Handwritten digits' }),
    ).toBeInTheDocument();
  });
});

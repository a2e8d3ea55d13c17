import { registerMswTestHooks } from '@backstage/frontend-test-utils';
import { screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { HttpResponse, http } from 'msw';
import { setupServer } from 'msw/node';
import { makePromotion, makeVersion } from '../__testUtils__/fixtures';
import {
  REGISTRY_URL,
  refusal,
  renderRegistry,
} from '../__testUtils__/renderRegistry';
import {
  movingDigits,
  runningDigits,
  serveInference,
  serveModel,
} from '../__testUtils__/serveModel';

const server = setupServer();
const PAGE = '/ai-registry/models/digits';

describe('ModelPage', () => {
  registerMswTestHooks(server);

  it('shows where the model runs, its metric with intervals, and its versions', async () => {
    const perRow = [...Array(97).fill(1), ...Array(3).fill(0)];
    const evaluated = makeVersion({ version: 2 }, { accuracy: 0.97 });
    server.use(
      ...serveModel({
        versions: [
          {
            ...evaluated,
            evaluation: evaluated.evaluation && {
              ...evaluated.evaluation,
              perRow,
            },
          },
          makeVersion({ version: 1 }, { accuracy: 0.95 }),
        ],
        promotions: [makePromotion()],
      }),
    );
    renderRegistry({ path: PAGE });

    const production = await screen.findByRole('article', {
      name: 'production',
    });
    expect(
      within(production).getByRole('link', { name: 'Version 1' }),
    ).toHaveAttribute('href', `${PAGE}/versions/1`);
    expect(
      within(screen.getByRole('article', { name: 'staging' })).getByText(
        'Nothing runs here',
      ),
    ).toBeInTheDocument();
    expect(
      screen.getByRole('link', {
        name: 'Promotion of version 2 to production',
      }),
    ).toHaveAttribute('href', '/ai-registry/promotions/p-1');
    expect(
      await screen.findByRole('link', {
        name: 'v2, accuracy 0.9700, 95 % interval 0.9155 to 0.9897',
      }),
    ).toBeInTheDocument();
  });

  it('draws what ran where over time, with links, but not names that people gave', async () => {
    const move = {
      alias: 'production',
      version: 1,
      validFrom: '2026-05-01T08:00:00.000Z',
      changedBy: 'user:default/grace',
      reason: 'First',
    };
    server.use(
      ...serveModel({ history: [move, { ...move, alias: 'champion' }] }),
    );
    renderRegistry({ path: `${PAGE}/promotions` });
    const lane = await screen.findByRole('list', {
      name: 'Versions of production',
    });
    expect(
      within(lane).getByRole('link', { name: /^v1, .* to now: First$/ }),
    ).toHaveAttribute('href', `${PAGE}/versions/1`);
    expect(screen.queryByText('champion')).not.toBeInTheDocument();
    expect(
      screen.getByRole('link', { name: 'What runs where' }),
    ).toHaveAttribute('href', '/ai-registry/promotions/pipeline?search=digits');
  });

  it('says which pushed manifest is not applied', async () => {
    const problem = {
      environment: 'production',
      model: 'digits',
      path: 'environments/production/models/digits.yaml',
      message: 'version 9 of digits is not registered',
      commit: 'abc1234def5678',
      since: '2026-05-03T08:00:00.000Z',
    };
    server.use(
      ...serveModel({
        problems: [
          problem,
          { ...problem, model: 'diabetes', message: 'no such file' },
        ],
      }),
    );
    renderRegistry({ path: PAGE });
    const production = await screen.findByRole('article', {
      name: 'production',
    });
    expect(production).toHaveTextContent(
      'Not applied: version 9 of digits is not registered (commit abc1234)',
    );
    expect(screen.getAllByText(/^Not applied/)).toHaveLength(1);
  });

  it('says how far a rollout is, and where nobody would serve a promotion', async () => {
    server.use(
      ...serveModel({
        deployments: [
          { ...runningDigits, version: 2 },
          { ...runningDigits, environment: 'staging' },
        ],
      }),
    );
    server.use(...serveInference({ deployments: [movingDigits] }));
    renderRegistry({ path: PAGE });
    const tile = (name: string) => screen.findByRole('article', { name });
    expect(
      await within(await tile('production')).findByText('rolling out'),
    ).toBeInTheDocument();
    expect(await tile('production')).toHaveTextContent(
      'Serving version 1 (90 %) and version 2 (10 %): Version 2 has 10 % of the traffic',
    );
    expect(await tile('staging')).not.toHaveTextContent('rolling out');

    await userEvent.click(
      await screen.findByRole('button', { name: 'Promote version 2' }),
    );
    const dialog = await screen.findByRole('dialog');
    await userEvent.click(
      within(dialog).getByRole('radio', { name: 'staging' }),
    );
    expect(
      await within(dialog).findByText('No data plane serves staging'),
    ).toBeInTheDocument();
    await userEvent.click(
      within(dialog).getByRole('radio', { name: 'production' }),
    );
    expect(
      within(dialog).queryByText(/No data plane serves/),
    ).not.toBeInTheDocument();
  });

  it('promotes a version and leads to the promotion', async () => {
    const asked = jest.fn();
    server.use(
      ...serveModel(),
      http.post(`${REGISTRY_URL}/promotions`, async ({ request }) => {
        asked(await request.json());
        return HttpResponse.json(makePromotion(), { status: 201 });
      }),
      http.get(`${REGISTRY_URL}/promotions/p-1`, () =>
        HttpResponse.json({ ...makePromotion() }),
      ),
    );
    renderRegistry({ path: PAGE });
    await userEvent.click(
      await screen.findByRole('button', { name: 'Promote version 2' }),
    );
    const dialog = await screen.findByRole('dialog', {
      name: 'Promote version 2 of Handwritten digits',
    });
    expect(
      within(dialog).getByText(/production runs version 1 now/),
    ).toBeInTheDocument();

    const send = within(dialog).getByRole('button', {
      name: 'Open promotion',
    });
    await userEvent.click(send);
    expect(await within(dialog).findByText(/Say why/)).toBeInTheDocument();

    await userEvent.type(
      within(dialog).getByLabelText(/^Reason/),
      'Better on rotated digits',
    );
    await userEvent.click(
      within(dialog).getByRole('button', { name: 'Remove step 2' }),
    );
    const share = within(dialog).getByLabelText(
      'Step 1: share of traffic in percent',
    );
    await userEvent.clear(share);
    await userEvent.type(share, '25');
    await userEvent.click(send);

    expect(
      await screen.findByRole('heading', {
        name: 'Promote digits: version 1 → 2',
      }),
    ).toBeInTheDocument();
    expect(asked).toHaveBeenCalledTimes(1);
    expect(asked).toHaveBeenCalledWith({
      model: 'digits',
      version: 2,
      environment: 'production',
      reason: 'Better on rotated digits',
      rollout: {
        strategy: 'canary',
        steps: [{ weightPercent: 25, holdSeconds: 30 }],
      },
    });
  });

  it("keeps the dialog open with the registry's words when it refuses", async () => {
    server.use(
      ...serveModel(),
      http.post(`${REGISTRY_URL}/promotions`, () =>
        refusal(409, 'Promotion p-0 of digits to production is still open'),
      ),
    );
    renderRegistry({ path: PAGE });
    await userEvent.click(
      await screen.findByRole('button', { name: 'Promote version 2' }),
    );
    await userEvent.type(await screen.findByLabelText(/^Reason/), 'now');
    await userEvent.click(
      screen.getByRole('button', { name: 'Open promotion' }),
    );
    expect(await screen.findByRole('alert')).toHaveTextContent(
      'Promotion p-0 of digits to production is still open',
    );
    expect(screen.getByLabelText(/^Reason/)).toHaveValue('now');
  });

  it('rolls back what can be rolled back', async () => {
    const asked = jest.fn();
    server.use(
      ...serveModel({
        deployments: [
          {
            ...runningDigits,
            version: 2,
            rollbackTo: { version: 1, digest: runningDigits.digest },
          },
        ],
      }),
      http.post(`${REGISTRY_URL}/rollbacks`, async ({ request }) => {
        asked(await request.json());
        return HttpResponse.json(makePromotion({ id: 'r-1' }));
      }),
      http.get(`${REGISTRY_URL}/promotions/r-1`, () =>
        HttpResponse.json({
          ...makePromotion({
            id: 'r-1',
            kind: 'rollback',
            version: 1,
            fromVersion: 2,
            state: {
              phase: 'completed',
              commit: 'abcdef0123456',
              mergedAt: '2026-05-03T08:00:00.000Z',
              completedAt: '2026-05-03T08:00:00.000Z',
              outcome: {
                kind: 'serving',
                note: 'Version 2 has all traffic of production.',
              },
            },
          }),
        }),
      ),
    );
    renderRegistry({ path: PAGE });
    await userEvent.click(
      await screen.findByRole('button', {
        name: 'Roll back production to version 1',
      }),
    );
    await userEvent.type(
      await screen.findByLabelText(/^Reason/),
      'Errors in the logs',
    );
    await userEvent.click(
      screen.getByRole('button', { name: 'Roll back to version 1' }),
    );
    expect(
      await screen.findByRole('heading', {
        name: 'Roll back digits: version 2 → 1',
      }),
    ).toBeInTheDocument();
    expect(
      screen.getByText('Rolled out: version 1 got all traffic of production'),
    ).toBeInTheDocument();
    expect(asked).toHaveBeenCalledWith({
      model: 'digits',
      environment: 'production',
      reason: 'Errors in the logs',
    });
  });

  it('lets two versions be chosen, the third pushes the first out', async () => {
    server.use(
      ...serveModel({
        versions: [3, 2, 1].map(version => makeVersion({ version })),
      }),
    );
    renderRegistry({ path: PAGE });
    const boxes = await screen.findAllByRole('checkbox', {
      name: /Version/,
    });
    expect(screen.getByRole('button', { name: 'Compare' })).toBeDisabled();
    for (const box of boxes) await userEvent.click(box);
    expect(
      screen.getByRole('link', { name: 'Compare 1 and 2' }),
    ).toHaveAttribute('href', `${PAGE}/compare?base=1&candidate=2`);
  });

  it('marks the versions that cannot be served, and those of which that is not known', async () => {
    const triedAt = '2026-05-01T08:00:00.000Z';
    server.use(
      ...serveModel({
        versions: [
          makeVersion({
            version: 3,
            servability: {
              state: 'unservable',
              triedAt,
              runtime: 'greenroom-inference-server 0.1.0',
              reason: 'Unsupported opset 99',
            },
          }),
          makeVersion({ version: 2, servability: { state: 'pending' } }),
          makeVersion({ version: 1 }),
        ],
      }),
    );
    renderRegistry({ path: PAGE });
    const header = (version: number) =>
      screen.findByRole('rowheader', {
        name: new RegExp(`^Version ${version}`),
      });
    expect(await header(3)).toHaveTextContent(
      'Cannot be servedUnsupported opset 99',
    );
    expect(await header(2)).toHaveTextContent('Being tried');
    expect(await header(1)).not.toHaveTextContent(/served|tried/i);
  });

  it('says that a model is not there', async () => {
    server.use(
      http.get(`${REGISTRY_URL}/models/ghost/overview`, () =>
        refusal(404, 'There is no model ghost'),
      ),
    );
    renderRegistry({ path: '/ai-registry/models/ghost' });
    expect(await screen.findByRole('alert')).toHaveTextContent(
      'There is no model ghost',
    );
  });

  it('draws where versions come from and lead to', async () => {
    server.use(
      ...serveModel({
        versions: [
          makeVersion({
            version: 1,
            aliases: ['production'],
            source: { commit: '0123456789abcdef', path: 'train.py' },
          }),
        ],
      }),
    );
    renderRegistry({ path: `${PAGE}/lineage` });
    const graph = await screen.findByRole('list', { name: 'Lineage' });
    const nodes = within(graph).getAllByRole('listitem');
    expect(nodes.map(node => node.textContent)).toEqual([
      'digits held-out360 rows, ddddddddddddleads to Commit 0123456',
      'Commit 0123456train.pyleads to Version 1',
      'Version 1000000000000leads to production',
      'production',
    ]);
    expect(
      within(graph).getByRole('link', { name: 'Version 1' }),
    ).toHaveAttribute('href', `${PAGE}/versions/1`);

    // Pointing at a node lets what does not belong to it fade; here all belong together.
    await userEvent.hover(nodes[0]);
    expect(nodes.every(node => !node.hasAttribute('data-faded'))).toBe(true);
  });

  it('lists the promotions of the model', async () => {
    server.use(...serveModel({ promotions: [makePromotion()] }));
    renderRegistry({ path: `${PAGE}/promotions` });
    expect(
      await screen.findByRole('link', { name: 'Promote version 1 → 2' }),
    ).toHaveAttribute('href', '/ai-registry/promotions/p-1');
  });

  it('adds canary steps and says which one is wrong', async () => {
    server.use(...serveModel());
    renderRegistry({ path: PAGE });
    await userEvent.click(
      await screen.findByRole('button', { name: 'Promote version 2' }),
    );
    await userEvent.click(
      await screen.findByRole('button', { name: 'Add step' }),
    );
    const third = screen.getByLabelText('Step 3: share of traffic in percent');
    expect(third).toHaveValue('75');
    await userEvent.clear(third);
    await userEvent.type(third, '40');
    await userEvent.tab();
    expect(
      await screen.findByText('Give more than the step before it, 50 percent.'),
    ).toBeInTheDocument();
    await userEvent.click(
      screen.getByRole('radio', { name: 'All traffic at once' }),
    );
    expect(
      screen.queryByRole('list', { name: 'Canary steps' }),
    ).not.toBeInTheDocument();
  });
});

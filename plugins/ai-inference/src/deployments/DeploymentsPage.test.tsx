import { registerMswTestHooks } from '@backstage/frontend-test-utils';
import type { Rollout } from '@greenroom/plugin-ai-inference-common';
import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { http, HttpResponse } from 'msw';
import { setupServer } from 'msw/node';
import {
  makeDataPlane,
  makeDeployment,
  makeRollout,
} from '../__testUtils__/fixtures';
import {
  INFERENCE_URL,
  REGISTRY_URL,
  renderInference,
} from '../__testUtils__/renderInference';

const problem = {
  model: 'digits',
  path: 'environments/staging/models/digits.yaml',
  message: 'spec.version is missing',
  commit: 'abc1234def5678',
  since: '2026-05-03T08:00:00.000Z',
};

const server = setupServer(
  http.get(`${REGISTRY_URL}/environment-problems`, () =>
    HttpResponse.json({
      items: [
        { ...problem, environment: 'staging' },
        { ...problem, environment: 'moon', message: 'unknown environment' },
      ],
    }),
  ),
);

function serve(answers: {
  deployments?: unknown[];
  rollouts?: unknown[];
  dataPlanes?: unknown[];
  environments?: unknown[];
}) {
  const { deployments = [], rollouts = [], dataPlanes = [] } = answers;
  const { environments = [] } = answers;
  server.use(
    http.get(`${INFERENCE_URL}/environments`, () =>
      HttpResponse.json({ items: environments }),
    ),
    http.get(`${INFERENCE_URL}/deployments`, ({ request }) => {
      const environment = new URL(request.url).searchParams.get('environment');
      const items = environment === 'staging' ? [] : deployments;
      return HttpResponse.json({ items, totalItems: items.length });
    }),
    http.get(`${INFERENCE_URL}/rollouts`, () =>
      HttpResponse.json({ items: rollouts }),
    ),
    http.get(`${INFERENCE_URL}/data-planes`, () =>
      HttpResponse.json({ items: dataPlanes }),
    ),
  );
}

describe('DeploymentsPage', () => {
  registerMswTestHooks(server);

  it('shows data planes that stopped or vanished as what they are', async () => {
    const at = new Date('2026-05-03T10:04:00Z');
    const time = at.toLocaleTimeString('en-GB', {
      hour: '2-digit',
      minute: '2-digit',
    });
    serve({
      dataPlanes: [
        makeDataPlane({
          producer: 'stopped',
          publicUrl: 'http://stopped.example.com',
          online: false,
          stoppedAt: at.toISOString(),
        }),
        makeDataPlane({
          producer: 'vanished',
          publicUrl: 'http://vanished.example.com',
          online: false,
          lastSeenAt: at.toISOString(),
        }),
      ],
    });
    renderInference({ path: '/ai-inference/deployments' });
    const stopped = await screen.findByRole('row', {
      name: /stopped\.example/,
    });
    expect(stopped).toHaveTextContent(`Stopped at ${time}`);
    expect(stopped).not.toHaveTextContent('digits');
    const vanished = screen.getByRole('row', { name: /vanished\.example/ });
    expect(vanished).toHaveTextContent(`Not heard of since ${time}`);
    expect(screen.queryByText('Online')).not.toBeInTheDocument();
  });

  it('shows how the data planes on demand are, and starts and stops them', async () => {
    const since = '2026-05-03T10:00:00Z';
    const asked: unknown[] = [];
    serve({
      deployments: [
        makeDeployment({
          environment: 'dev',
          variants: [{ version: 2, digest: 'sha256:a', weightPercent: 0 }],
          convergence: {
            state: 'asleep',
            reason: 'The data plane of dev sleeps: nobody has needed it',
            since,
          },
          dataPlanes: { ready: 0, total: 0, degraded: [], onDemand: true },
        }),
      ],
      environments: [
        {
          environment: 'dev',
          deployer: 'local',
          run: {
            state: 'asleep',
            since,
            because: 'idle',
            reason: 'nobody has needed it for a while',
          },
        },
        {
          environment: 'staging',
          deployer: 'local',
          run: {
            state: 'failing',
            since,
            reason: 'port 7090 is taken',
            attempts: 2,
            nextTryAt: since,
          },
        },
        {
          environment: 'test',
          deployer: 'local',
          run: { state: 'running', since, publicUrl: 'http://127.0.0.1:4000' },
        },
        {
          environment: 'production',
          deployer: 'none',
          run: { state: 'unmanaged' },
        },
      ],
    });
    server.use(
      http.post(
        `${INFERENCE_URL}/environments/:environment/data-plane`,
        async ({ request, params }) => {
          asked.push([params.environment, await request.json()]);
          return HttpResponse.json({});
        },
      ),
    );
    renderInference({ path: '/ai-inference/deployments' });
    const table = await screen.findByRole('table', {
      name: /Data planes on demand/,
    });
    const row = (name: string) =>
      within(table).getByRole('row', { name: new RegExp(`^${name} `) });
    expect(row('dev')).toHaveTextContent(/Asleep.*nobody has needed it/);
    expect(row('staging')).toHaveTextContent(
      /Failing.*port 7090 is taken; try 3 follows by itself/,
    );
    expect(row('test')).toHaveTextContent(/Running at http:..127.0.0.1:4000/);
    expect(within(table).queryByText('production')).not.toBeInTheDocument();
    expect(screen.getByText('Data plane on demand')).toBeInTheDocument();
    expect(
      screen.getByText('nothing answers while it sleeps'),
    ).toBeInTheDocument();
    expect(screen.queryByText('No data plane online')).not.toBeInTheDocument();

    await userEvent.click(
      screen.getByRole('button', { name: 'Start the data plane of dev' }),
    );
    await userEvent.click(
      screen.getByRole('button', { name: 'Stop the data plane of test' }),
    );
    await waitFor(() =>
      expect(asked).toEqual([
        ['dev', { wanted: true }],
        ['test', { wanted: false }],
      ]),
    );
  });

  it('shows the split, the running rollout with its countdown, and the data planes', async () => {
    const rollout = makeRollout({
      state: {
        phase: 'progressing',
        step: 0,
        nextStepAt: new Date(Date.now() + 20_000).toISOString(),
      },
      history: [
        { at: '2026-05-03T10:00:00Z', weightPercent: 10, note: 'Step 1 of 3' },
      ],
    });
    serve({
      deployments: [makeDeployment({ rollout })],
      rollouts: [rollout],
      dataPlanes: [makeDataPlane()],
    });
    renderInference({ path: '/ai-inference/deployments' });

    expect(
      await screen.findByRole('img', {
        name: 'Traffic: version 1 90 %, version 2 10 %',
      }),
    ).toBeInTheDocument();
    expect(screen.getByText('1 rollout running')).toBeInTheDocument();
    expect(
      screen.getByRole('progressbar', { name: 'Rollout of digits version 2' }),
    ).toBeInTheDocument();
    const steps = screen.getByRole('list', {
      name: 'Steps of the rollout of digits',
    });
    expect(within(steps).getByText(/next step in \d+ s/)).toBeInTheDocument();
    expect(
      screen.getByRole('link', { name: 'Try digits in production' }),
    ).toHaveAttribute(
      'href',
      '/ai-inference/playground/digits?environment=production',
    );

    const row = await screen.findByRole('row', {
      name: /inference\.example\.com/,
    });
    expect(within(row).getByText('Online')).toBeInTheDocument();
    expect(
      within(row).getByText('the file is not an ONNX model'),
    ).toBeInTheDocument();
    expect(await screen.findByText('Step 1 of 3')).toBeInTheDocument();
  });

  it('says that a model is on demand and keeps answers', async () => {
    serve({
      deployments: [
        makeDeployment({
          loading: { mode: 'on-demand' },
          responseCache: { maxMiB: 64 },
        }),
        makeDeployment({
          environment: 'staging',
          loading: { mode: 'eager' },
        }),
      ],
    });
    renderInference({ path: '/ai-inference/deployments' });
    expect(
      await screen.findByText('keeps answers, up to 64 MiB'),
    ).toBeInTheDocument();
    expect(screen.getAllByText('on demand')).toHaveLength(1);
  });

  it('says which pushed manifests are not applied, in the environments shown', async () => {
    serve({ deployments: [makeDeployment()] });
    const notApplied = 'Not applied: spec.version is missing (commit abc1234)';
    renderInference({ path: '/ai-inference/deployments' });
    expect(await screen.findByText(notApplied)).toBeInTheDocument();
    expect(
      screen.getByText('Not applied: unknown environment (commit abc1234)'),
    ).toBeInTheDocument();
    await userEvent.click(screen.getByRole('button', { name: /Environment/ }));
    await userEvent.click(
      await screen.findByRole('option', { name: 'production' }),
    );
    await waitFor(() =>
      expect(screen.queryByText(notApplied)).not.toBeInTheDocument(),
    );
  });

  it('shows how the last rollout ended', async () => {
    serve({
      deployments: [
        makeDeployment({
          rollout: makeRollout({
            state: {
              phase: 'rejected',
              rejectedAt: '2026-05-03T10:02:00Z',
              reason: 'The error rate went up',
            },
          }),
          dataPlanes: { ready: 0, total: 0, degraded: [] },
        }),
      ],
    });
    renderInference({ path: '/ai-inference/deployments' });
    expect(
      await screen.findByText('The error rate went up'),
    ).toBeInTheDocument();
    expect(screen.getByText('No data plane online')).toBeInTheDocument();
  });

  it('shows wanted and serving side by side, what is degraded, and tries again', async () => {
    const retried: string[] = [];
    const reason =
      'The data plane at http://b could not load version 2: opset 99';
    serve({
      deployments: [
        makeDeployment({
          variants: [{ version: 1, digest: 'sha256:1', weightPercent: 100 }],
          convergence: {
            state: 'waiting',
            reason,
            since: '2026-05-03T10:00:00Z',
            nextTryAt: new Date(Date.now() + 60_000).toISOString(),
          },
          dataPlanes: {
            ready: 0,
            total: 1,
            degraded: [{ publicUrl: 'http://b', reason }],
          },
          rollout: makeRollout({
            state: {
              phase: 'loading',
              problem: {
                error: reason,
                since: '2026-05-03T10:00:00Z',
                attempts: 3,
                nextTryAt: new Date(Date.now() + 60_000).toISOString(),
              },
            },
          }),
        }),
      ],
    });
    server.use(
      http.post(`${INFERENCE_URL}/rollouts/:id/retry`, ({ params }) => {
        retried.push(String(params.id));
        return HttpResponse.json(makeRollout());
      }),
    );
    renderInference({ path: '/ai-inference/deployments' });
    expect(await screen.findByText('Waiting')).toBeInTheDocument();
    const wanted = screen.getByText('Wanted').nextElementSibling;
    expect(wanted).toHaveTextContent(/^version 2 for/);
    expect(
      screen.getByRole('img', { name: 'Traffic: version 1 100 %' }),
    ).toBeInTheDocument();
    expect(screen.getByText(/tried again in/)).toBeInTheDocument();
    expect(
      screen.getByRole('list', { name: 'Degraded data planes' }),
    ).toHaveTextContent('http://b');
    await userEvent.click(
      screen.getByRole('button', { name: 'Try digits in production again' }),
    );
    await waitFor(() => expect(retried).toEqual(['r-1']));
  });

  it('pauses a rollout, has it go on, and takes it back with a reason', async () => {
    const steered: { act: unknown; body: unknown }[] = [];
    const progressing = {
      phase: 'progressing' as const,
      step: 0,
      nextStepAt: new Date(Date.now() + 60_000).toISOString(),
    };
    const serveRollout = (state: Rollout['state']) =>
      serve({
        deployments: [makeDeployment({ rollout: makeRollout({ state }) })],
      });
    serveRollout(progressing);
    server.use(
      http.post(
        `${INFERENCE_URL}/rollouts/:id/:act`,
        async ({ params, request }) => {
          steered.push({ act: params.act, body: await request.json() });
          return HttpResponse.json(makeRollout());
        },
      ),
    );
    renderInference({ path: '/ai-inference/deployments' });
    await userEvent.click(
      await screen.findByRole('button', {
        name: 'Take back: digits in production',
      }),
    );
    const dialog = await screen.findByRole('dialog');
    expect(dialog).toHaveTextContent(
      'All traffic of production goes back to version 1 at once',
    );
    await userEvent.click(
      within(dialog).getByRole('button', { name: 'Take back' }),
    );
    expect(dialog).toHaveTextContent('Say why: others will ask.');
    expect(steered).toEqual([]);
    await userEvent.type(
      within(dialog).getByRole('textbox', { name: /Reason/ }),
      'Wrong answers',
    );
    await userEvent.click(
      within(dialog).getByRole('button', { name: 'Take back' }),
    );
    await waitFor(() =>
      expect(steered).toEqual([
        { act: 'abort', body: { reason: 'Wrong answers' } },
      ]),
    );
    await waitFor(() =>
      expect(screen.queryByRole('dialog')).not.toBeInTheDocument(),
    );
    await userEvent.click(
      screen.getByRole('button', { name: 'Pause: digits in production' }),
    );
    const pause = await screen.findByRole('dialog');
    await userEvent.click(within(pause).getByRole('button', { name: 'Pause' }));
    await waitFor(() =>
      expect(steered.at(-1)).toEqual({ act: 'pause', body: {} }),
    );
  });

  it('counts the ready models of a data plane that has many, and names the others', async () => {
    const digest = 'sha256:1';
    const ready = Array.from({ length: 40 }, (_, index) => ({
      model: `m${index}`,
      version: 1,
      digest,
      state: 'ready' as const,
    }));
    serve({
      dataPlanes: [
        makeDataPlane({
          models: [
            ...ready,
            { model: 'sick', version: 2, digest, state: 'failed' },
          ],
        }),
      ],
    });
    renderInference({ path: '/ai-inference/deployments' });
    expect(await screen.findByText('40 ready')).toBeInTheDocument();
    expect(screen.getByText(/sick v2/)).toBeInTheDocument();
    expect(screen.queryByText(/m7 v1/)).not.toBeInTheDocument();
  });

  it('shows where versions run and whether they are in memory, where a data plane says so', async () => {
    const digest = 'sha256:1';
    const loaded = { version: 1, digest, state: 'ready' as const };
    serve({
      dataPlanes: [
        makeDataPlane({
          models: [
            { ...loaded, model: 'quick', placement: 'inline' },
            {
              ...loaded,
              model: 'seldom',
              placement: 'worker',
              inMemory: false,
            },
            {
              ...loaded,
              model: 'often',
              placement: 'worker',
              inMemory: true,
            },
            // Of a data plane of an earlier release, or served elsewhere.
            { ...loaded, model: 'silent' },
          ],
        }),
      ],
    });
    renderInference({ path: '/ai-inference/deployments' });
    await screen.findByText(/quick v1/);
    const said = (model: string) =>
      screen
        .getByText(new RegExp(`${model} v1`))
        .closest('li')
        ?.textContent?.replace(/^.* v1/, '');
    // What each means is read aloud.
    const onServing = 'serving thread: It runs on the thread that answers';
    const onWorker = 'worker thread: It runs in a thread for models';
    expect(['quick', 'seldom', 'often', 'silent'].map(said)).toEqual([
      expect.stringMatching(new RegExp(`^${onServing}`)),
      expect.stringMatching(new RegExp(`^${onWorker}.* not in memory: It is`)),
      expect.stringMatching(new RegExp(`^${onWorker}.* in memory: It is`)),
      '',
    ]);
    expect(said('often')).not.toContain('not in memory: ');
    expect(screen.getByText('not in memory')).toHaveAttribute(
      'title',
      expect.stringContaining('It is opened when somebody asks for it'),
    );
    expect(screen.getByText('serving thread')).toHaveAttribute(
      'title',
      expect.stringContaining('on the thread that answers requests'),
    );
  });

  it('shows more deployments when asked', async () => {
    const asked: (string | null)[] = [];
    serve({});
    server.use(
      http.get(`${INFERENCE_URL}/deployments`, ({ request }) => {
        asked.push(new URL(request.url).searchParams.get('limit'));
        return HttpResponse.json({ items: [makeDeployment()], totalItems: 60 });
      }),
    );
    renderInference({ path: '/ai-inference/deployments' });
    expect(await screen.findByText('1 of 60 deployments')).toBeInTheDocument();
    await userEvent.click(screen.getByRole('button', { name: 'Show more' }));
    await waitFor(() => expect(asked).toContain('100'));
  });

  it('says what to do when nothing is deployed, also in one environment', async () => {
    serve({ deployments: [makeDeployment()] });
    renderInference({ path: '/ai-inference/deployments' });
    expect(
      await screen.findByText('No data plane has reported'),
    ).toBeInTheDocument();
    await userEvent.click(screen.getByRole('button', { name: /Environment/ }));
    await userEvent.click(
      await screen.findByRole('option', { name: 'staging' }),
    );
    expect(
      await screen.findByText('Nothing is deployed in staging'),
    ).toBeInTheDocument();
  });

  it("shows the server's reason when it cannot load", async () => {
    server.use(
      http.get(`${INFERENCE_URL}/*`, () =>
        HttpResponse.json(
          {
            error: { name: 'ServiceUnavailableError', message: 'Starting up' },
            response: { statusCode: 503 },
          },
          { status: 503 },
        ),
      ),
    );
    renderInference({ path: '/ai-inference/deployments' });
    expect(
      await screen.findByText('Loading the deployments failed'),
    ).toBeInTheDocument();
    expect(screen.getAllByText('Starting up').length).toBeGreaterThan(0);
  });
});

import { registerMswTestHooks } from '@backstage/frontend-test-utils';
import type {
  DataPlaneRun,
  EnvironmentPods,
} from '@greenroom/plugin-ai-inference-common';
import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { http, HttpResponse } from 'msw';
import { setupServer } from 'msw/node';
import {
  INFERENCE_URL,
  REGISTRY_URL,
  renderInference,
} from '../__testUtils__/renderInference';

const AT = '2026-05-03T10:00:00Z';
const READY = 'greenroom-live-5d9c7-x2v4k';
const WAITING = 'greenroom-live-5d9c7-b8m2q';
const NONE: EnvironmentPods = { pods: [], events: [], hasMoreEvents: false };
const PODS: EnvironmentPods = {
  pods: [
    {
      name: READY,
      node: 'node-1',
      state: 'ready',
      since: AT,
      restarts: 3,
      image: 'example/serving:1',
      requests: { cpu: '2', memory: '4Gi' },
    },
    {
      name: WAITING,
      state: 'starting',
      since: AT,
      restarts: 0,
      image: 'example/serving:1',
      requests: {},
      reason: `no node has room for pod ${WAITING}: 0/3 nodes are available`,
    },
  ],
  events: [
    {
      type: 'Warning',
      reason: 'FailedScheduling',
      message: '0/3 nodes are available',
      about: `Pod ${WAITING}`,
      count: 4,
      lastSeenAt: AT,
    },
  ],
  hasMoreEvents: true,
};
const RUNNING: DataPlaneRun = {
  state: 'running',
  since: AT,
  publicUrl: 'http://live.example.com',
  replicas: { wanted: 2, ready: 1 },
  problem: 'somebody has changed Deployment models/greenroom-live',
};

const nothing = { items: [], totalItems: 0 };
const server = setupServer(
  ...['deployments', 'rollouts', 'data-planes'].map(path =>
    http.get(`${INFERENCE_URL}/${path}`, () => HttpResponse.json(nothing)),
  ),
  http.get(`${REGISTRY_URL}/environment-problems`, () =>
    HttpResponse.json(nothing),
  ),
);

describe('PodsView', () => {
  registerMswTestHooks(server);

  async function open(
    pods: EnvironmentPods,
    { run = RUNNING }: { run?: DataPlaneRun } = {},
  ) {
    server.use(
      http.get(`${INFERENCE_URL}/environments`, () =>
        HttpResponse.json({
          items: [
            { environment: 'live', deployer: 'kubernetes', run },
            {
              environment: 'dev',
              deployer: 'local',
              run: { state: 'stopping', since: AT },
            },
          ],
        }),
      ),
      http.get(`${INFERENCE_URL}/environments/live/data-plane/pods`, () =>
        HttpResponse.json(pods),
      ),
    );
    renderInference({ path: '/ai-inference/deployments' });
    const button = await screen.findByRole('button', { name: 'Pods of live' });
    expect(button).toHaveAttribute('aria-expanded', 'false');
    // By keyboard, as by mouse.
    button.focus();
    await userEvent.keyboard('{Enter}');
    expect(button).toHaveAttribute('aria-expanded', 'true');
    return button;
  }
  const table = (name: string) => screen.findByRole('table', { name });

  it('shows the pods of an environment that a cluster runs, and what it has told of them', async () => {
    const button = await open(PODS);
    const pods = await table('Table: Pods of live');
    const row = (name: string) =>
      within(pods).getByRole('row', { name: new RegExp(`^${name} `) });
    expect(row(READY)).toHaveTextContent(/Ready for .*node-1/);
    expect(row(READY)).toHaveTextContent('2 cpu, 4Gi memory');
    expect(row(WAITING)).toHaveTextContent(
      /Starting for .*: no node has room for pod .*: 0\/3 nodes are available/,
    );
    expect(row(WAITING)).toHaveTextContent('none yet');
    const events = await table('Table: Events of live');
    expect(
      within(events).getByRole('row', { name: /FailedScheduling/ }),
    ).toHaveTextContent(`Pod ${WAITING}0/3 nodes are available (4 times)`);
    expect(
      screen.getByText('There are more events in the cluster than are shown.'),
    ).toBeInTheDocument();
    // What differs from what is wanted stands in the environment's own line.
    expect(
      screen.getByText(/somebody has changed Deployment/),
    ).toBeInTheDocument();
    expect(
      screen.queryByRole('button', { name: 'Pods of dev' }),
    ).not.toBeInTheDocument();
    await userEvent.click(button);
    expect(screen.queryByRole('table', { name: /Pods of/ })).toBeNull();
  });

  it.each([
    {
      run: {
        state: 'asleep',
        since: AT,
        because: 'idle',
        reason: 'nobody has needed it',
      },
      says: /Start runs them/,
    },
    {
      run: { state: 'starting', since: AT },
      says: /the events below say what is in the way/,
    },
  ] satisfies { run: DataPlaneRun; says: RegExp }[])(
    'says what to do where there are none and it is $run.state',
    async ({ run, says }) => {
      await open(NONE, { run });
      expect(await screen.findByText(says)).toBeInTheDocument();
      expect(screen.getByText(/^No events/)).toBeInTheDocument();
    },
  );

  it('shows pods without events where the cluster gives none, and why', async () => {
    await open({ ...PODS, events: [], problem: 'events is forbidden' });
    await table('Table: Pods of live');
    expect(
      screen.getByText(/^events is forbidden\. Where something is forbidden/),
    ).toBeInTheDocument();
  });

  it('shows the newest lines of a pod, anew when asked, and those before its restart', async () => {
    const asked: string[] = [];
    let text = '';
    server.use(
      http.get(
        `${INFERENCE_URL}/environments/live/data-plane/pods/:pod/log`,
        ({ request, params }) => {
          const { searchParams } = new URL(request.url);
          const isBefore = searchParams.get('previous') === 'true';
          asked.push(`${params.pod} ${searchParams.get('tailLines')}`);
          return HttpResponse.json({
            pod: params.pod,
            text: isBefore ? 'before the restart\n' : text,
            isCut: isBefore,
          });
        },
      ),
    );
    await open(PODS);
    await userEvent.click(
      await screen.findByRole('button', { name: `Log of ${READY}` }),
    );
    const dialog = await screen.findByRole('dialog');
    expect(
      await within(dialog).findByText('It has written nothing'),
    ).toBeInTheDocument();
    text = 'a first line\n';
    await userEvent.click(
      within(dialog).getByRole('button', { name: 'Refresh' }),
    );
    expect(await within(dialog).findByText('a first line')).toBeInTheDocument();
    await userEvent.click(
      within(dialog).getByRole('switch', {
        name: 'Of the process before the last restart',
      }),
    );
    expect(
      await within(dialog).findByText('before the restart'),
    ).toBeInTheDocument();
    expect(
      within(dialog).getByText(/The oldest of the last 200 lines are left out/),
    ).toBeInTheDocument();
    expect(new Set(asked)).toEqual(new Set([`${READY} 200`]));
  });

  it('says why there is no log', async () => {
    server.use(
      http.get(
        `${INFERENCE_URL}/environments/live/data-plane/pods/:pod/log`,
        () =>
          HttpResponse.json(
            {
              error: {
                name: 'ConflictError',
                message: 'pod p has no such log: it is waiting to start',
              },
              response: { statusCode: 409 },
            },
            { status: 409 },
          ),
      ),
    );
    await open(PODS);
    await userEvent.click(
      await screen.findByRole('button', { name: `Log of ${WAITING}` }),
    );
    expect(
      await screen.findByText('pod p has no such log: it is waiting to start'),
    ).toBeInTheDocument();
    expect(screen.queryByRole('switch')).not.toBeInTheDocument();
  });

  it('lists what somebody has changed, puts it right when that is confirmed, and says what the cluster says', async () => {
    const drift = [
      'somebody has changed Service models/greenroom-live: spec.ports is missing and not [7080]',
      'somebody has changed Deployment models/greenroom-live: spec.replicas is 1 and not 2',
    ];
    await open(NONE, {
      run: { ...RUNNING, problem: `${drift[0]}, and 1 more`, drift },
    });
    const list = screen.getByRole('list', {
      name: 'What differs in the cluster of live',
    });
    const told = (place: HTMLElement) =>
      within(place)
        .getAllByRole('listitem')
        .map(({ textContent }) => textContent);
    expect(told(list)).toEqual(drift);
    // It is told once.
    expect(screen.queryByText(/and 1 more/)).not.toBeInTheDocument();
    let isRefused = true;
    server.use(
      http.post(`${INFERENCE_URL}/environments/live/data-plane/repair`, () =>
        isRefused
          ? HttpResponse.json(
              { error: { name: 'Error', message: 'services is forbidden' } },
              { status: 503 },
            )
          : HttpResponse.json({ repaired: drift }),
      ),
    );
    await userEvent.click(
      screen.getByRole('button', { name: 'Repair what differs in live' }),
    );
    const dialog = await screen.findByRole('dialog', { name: 'Repair live' });
    expect(told(dialog)).toEqual(drift);
    const confirm = within(dialog).getByRole('button', {
      name: 'Put it right',
    });
    await userEvent.click(confirm);
    expect(
      await within(dialog).findByText(/services is forbidden/),
    ).toBeInTheDocument();
    isRefused = false;
    await userEvent.click(confirm);
    await waitFor(() => expect(dialog).not.toBeInTheDocument());
  });
});

import { registerMswTestHooks } from '@backstage/frontend-test-utils';
import type {
  ClusterOverview,
  PodMachine,
} from '@greenroom/plugin-ai-inference-common';
import { screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { http, HttpResponse } from 'msw';
import { setupServer } from 'msw/node';
import {
  INFERENCE_URL,
  renderInference,
} from '../__testUtils__/renderInference';

const AT = '2026-05-03T10:00:00Z';
const A100 = {
  flavor: 'a100',
  title: 'NVIDIA A100',
  nodes: { matching: 3, usable: 2 },
  total: 16,
  free: 4,
  capacity: 24,
  environments: ['live'],
};
const PROD: ClusterOverview = {
  name: 'prod',
  environments: ['live', 'next'],
  reach: { state: 'reachable', version: 'v1.36.3' },
  nodes: { total: 12, ready: 11 },
  flavors: [A100],
  problems: [],
};

const server = setupServer(
  http.get('*', () =>
    HttpResponse.json({ items: [], problems: [], totalItems: 0 }),
  ),
);

describe('ClustersPanel', () => {
  registerMswTestHooks(server);

  function open(clusters: ClusterOverview[], machine?: PodMachine) {
    server.use(
      http.get(`${INFERENCE_URL}/clusters`, () =>
        HttpResponse.json({ items: clusters }),
      ),
      http.get(`${INFERENCE_URL}/environments`, () =>
        HttpResponse.json({
          items: [
            {
              environment: 'live',
              deployer: 'kubernetes',
              run: {
                state: 'running',
                since: AT,
                publicUrl: 'http://live.example.com',
                replicas: { wanted: 3, ready: 3 },
              },
              machine,
            },
          ],
        }),
      ),
      http.get(`${INFERENCE_URL}/environments/live/data-plane/pods`, () =>
        HttpResponse.json({
          pods: [
            {
              name: 'greenroom-live-1-a',
              node: 'node-1',
              state: 'ready',
              restarts: 0,
              image: 'example/serving:1',
              requests: {},
            },
          ],
          events: [],
          hasMoreEvents: false,
        }),
      ),
    );
    renderInference({ path: '/ai-inference/deployments' });
  }
  const clusters = () => screen.findByRole('list', { name: 'Clusters' });

  it('shows of each cluster what it is for, its nodes, and how much of each flavor is free', async () => {
    open([PROD]);
    const list = await clusters();
    expect(list).toHaveTextContent(
      'prod Reachable Kubernetes v1.36.3, 11 of 12 nodes ready, for live, next',
    );
    const words =
      '12 of 16 in use, 4 free; on 2 of 3 nodes: the others are not ready, cordoned or tainted; the settings say that there are 24; for live';
    expect(within(list).getByText(words)).toBeInTheDocument();
    const meter = within(list).getByRole('meter', {
      name: 'NVIDIA A100 in use',
    });
    expect(meter).toHaveAttribute('aria-valuenow', '12');
    expect(meter).toHaveAttribute('aria-valuemax', '16');
    expect(meter).toHaveAttribute('aria-valuetext', words);
  });

  it('says why a cluster is not reached, what is not known, and what to do where no flavor is found', async () => {
    const { free: _free, ...unknown } = A100;
    const { nodes: _nodes, flavors: _flavors, ...away } = PROD;
    open([
      {
        ...away,
        reach: { state: 'unreachable', reason: 'the cluster does not answer' },
      },
      {
        ...PROD,
        name: 'second',
        flavors: [unknown],
        problems: ['pods is forbidden'],
      },
      { ...PROD, name: undefined, flavors: [] },
    ]);
    const list = await clusters();
    expect(list).toHaveTextContent(
      'prod Not reachable for live, nextthe cluster does not answer. What runs there goes on',
    );
    expect(within(list).getByText('pods is forbidden')).toBeInTheDocument();
    expect(list).toHaveTextContent(
      '16 in all, how many are free is not known; on 2 of 3 nodes',
    );
    expect(list).toHaveTextContent('The cluster of the portal');
    expect(
      within(list).getByText('No flavor is found there'),
    ).toBeInTheDocument();
  });

  it('says what pods cost at their size, and nothing where no price is known but how to set it', async () => {
    const machine = { flavor: 'a100', title: 'NVIDIA A100', count: 1 };
    open([PROD], {
      ...machine,
      pricePerHour: { amount: 2.5, currency: 'EUR' },
    });
    expect(
      await screen.findByText(
        ', EUR 7.50 an hour, EUR 5,400.00 in 30 days at this size',
      ),
    ).toBeInTheDocument();
    await userEvent.click(screen.getByRole('button', { name: 'Pods of live' }));
    expect(
      await screen.findByText(/1 pod on NVIDIA A100 costs/),
    ).toHaveTextContent(
      '1 pod on NVIDIA A100 costs EUR 2.50 an hour, EUR 1,800.00 in 30 days at this size.',
    );
  });

  it.each([
    [
      { flavor: 'a100', title: 'NVIDIA A100', count: 1 },
      'What the pods cost is not known: set pricePerHour of the flavor a100 in greenroom.flavors.',
    ],
    [
      undefined,
      "What the pods cost is not known: give the environment's deployer a flavor of greenroom.flavors that has a pricePerHour.",
    ],
  ])('says how a price is made known', async (machine, words) => {
    open([PROD], machine);
    await userEvent.click(
      await screen.findByRole('button', { name: 'Pods of live' }),
    );
    expect(
      await screen.findByText(/^What the pods cost is not known/),
    ).toHaveTextContent(words);
    expect(screen.queryByText(/at this size/)).not.toBeInTheDocument();
  });
});

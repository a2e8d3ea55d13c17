import { registerMswTestHooks } from '@backstage/frontend-test-utils';
import type { EnvironmentConnection } from '@greenroom/plugin-ai-inference-common';
import { screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { http, HttpResponse } from 'msw';
import { setupServer } from 'msw/node';
import {
  INFERENCE_URL,
  renderInference,
} from '../__testUtils__/renderInference';

const server = setupServer();
const PAGE = '/ai-inference/connections';
const AT = '2026-05-03T11:00:00Z';

function serve(connections: EnvironmentConnection[]) {
  const asked: string[] = [];
  server.use(
    http.get(
      `${INFERENCE_URL}/environments/:environment/connections`,
      ({ params }) =>
        HttpResponse.json({
          items: connections.filter(
            ({ environment }) => environment === params.environment,
          ),
        }),
    ),
    http.post(
      `${INFERENCE_URL}/environments/:environment/connections/:name/check`,
      ({ params }) => {
        asked.push(`${params.environment}/${params.name}`);
        connections[0].checkAskedAt = AT;
        return HttpResponse.json(connections[0], { status: 202 });
      },
    ),
  );
  return asked;
}

const connection = (
  changes: Partial<EnvironmentConnection> = {},
): EnvironmentConnection => ({
  environment: 'production',
  name: 'llm',
  kind: 'openai',
  secrets: ['file:openai'],
  check: { state: 'answers', checkedAt: AT, models: ['small', 'large'] },
  usedBy: [{ model: 'assistant', version: 2, upstreamModel: 'small' }],
  ...changes,
});

describe('ConnectionsPage', () => {
  registerMswTestHooks(server);

  it('says what to configure where there are none', async () => {
    serve([]);
    renderInference({ path: PAGE });
    expect(await screen.findByText('No connections yet')).toBeInTheDocument();
    expect(
      screen.getByText(/greenroom connections set NAME/),
    ).toBeInTheDocument();
  });

  it('shows each with where its secret lies, what it offers and who uses it', async () => {
    serve([
      connection(),
      connection({
        environment: 'staging',
        secrets: [],
        check: {
          state: 'fails',
          checkedAt: AT,
          error: 'the provider does not take its secret (401)',
        },
        usedBy: [],
      }),
    ]);
    renderInference({ path: PAGE });
    const table = await screen.findByRole('table', {
      name: /Connections of production/,
    });
    const row = within(table).getByRole('row', { name: /llm/ });
    expect(row).toHaveTextContent('file:openai');
    expect(row).toHaveTextContent('Answers');
    expect(row).toHaveTextContent('2 models');
    expect(row).toHaveTextContent('assistant, version 2 as small');
    expect(
      screen.getByText('the provider does not take its secret (401)'),
    ).toBeInTheDocument();
    expect(screen.getByText('It needs none')).toBeInTheDocument();
  });

  it('shows the upstreams that share the calls of one, each with how it is', async () => {
    const upstream = { kind: 'openai', secrets: ['file:a'] };
    serve([
      connection({
        kind: 'balanced',
        upstreams: [
          {
            ...upstream,
            name: 'llm/1',
            weight: 3,
            check: { state: 'answers', checkedAt: AT, models: ['small'] },
          },
          {
            ...upstream,
            name: 'llm/azure',
            kind: 'azure-openai',
            weight: 1,
            check: { state: 'fails', checkedAt: AT, error: 'no such key' },
          },
        ],
      }),
    ]);
    renderInference({ path: PAGE });
    const first = await screen.findByRole('row', { name: /llm\/1/ });
    expect(first).toHaveTextContent('75 % of the calls');
    expect(first).toHaveTextContent('Answers');
    const second = screen.getByRole('row', { name: /llm\/azure/ });
    expect(second).toHaveTextContent('azure-openai');
    expect(second).toHaveTextContent('no such key');
    expect(screen.getByText('2 upstreams')).toBeInTheDocument();
    expect(screen.getAllByRole('button', { name: /^Check / })).toHaveLength(1);
  });

  it('has one checked, and says that it is asked for', async () => {
    const asked = serve([connection({ check: { state: 'unchecked' } })]);
    renderInference({ path: PAGE });
    expect(await screen.findByText('Not checked yet')).toBeInTheDocument();
    await userEvent.click(
      screen.getByRole('button', { name: 'Check llm of production now' }),
    );
    expect(
      await screen.findByText(/A check was asked for/),
    ).toBeInTheDocument();
    expect(asked).toEqual(['production/llm']);
  });
});

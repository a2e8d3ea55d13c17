import { registerMswTestHooks } from '@backstage/frontend-test-utils';
import type { VersionComparison } from '@greenroom/plugin-ai-registry-common';
import { screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { HttpResponse, http } from 'msw';
import { setupServer } from 'msw/node';
import { makeVersion } from '../__testUtils__/fixtures';
import { REGISTRY_URL, renderRegistry } from '../__testUtils__/renderRegistry';
import { serveModel } from '../__testUtils__/serveModel';

const server = setupServer();

function comparison(base: number, candidate: number): VersionComparison {
  return {
    base: makeVersion({ version: base }),
    candidate: makeVersion({ version: candidate }),
    metrics: [
      {
        name: 'accuracy',
        base: 0.95,
        candidate: 0.93,
        difference: -0.02,
        better: false,
      },
      { name: 'log_loss', base: 0.2, candidate: 0.2, difference: 0 },
    ],
    paired: {
      metric: 'accuracy',
      rows: 360,
      improvement: -0.02,
      interval: [-0.03, -0.01],
      method: 'paired-bootstrap-worst-case',
    },
    otherPaired: [
      {
        metric: 'short',
        rows: 360,
        improvement: -0.44,
        interval: [-0.5, -0.38],
        method: 'paired-bootstrap-worst-case',
      },
    ],
    signature: {
      compatible: false,
      differences: ['output label: INT64 became FP32'],
    },
    tags: [{ key: 'framework', base: 'sklearn', candidate: 'torch' }],
  };
}

describe('ComparePage', () => {
  registerMswTestHooks(server);

  it('shows differences, which is better, and the interval; versions can be swapped', async () => {
    server.use(
      ...serveModel(),
      http.get(`${REGISTRY_URL}/models/digits/compare`, ({ request }) => {
        const query = new URL(request.url).searchParams;
        return HttpResponse.json({
          ...comparison(
            Number(query.get('base')),
            Number(query.get('candidate')),
          ),
        });
      }),
    );
    renderRegistry({
      path: '/ai-registry/models/digits/compare?base=1&candidate=2',
    });
    const metrics = await screen.findByRole('table', {
      name: 'Metrics of both versions',
    });
    const row = within(metrics).getByRole('row', { name: /accuracy/ });
    expect(row).toHaveTextContent('accuracy0.95000.9300−0.02worse');
    expect(
      within(metrics).getByRole('row', { name: /log_loss/ }),
    ).toHaveTextContent('±0same');
    expect(
      screen.getAllByText(/The loss is larger than chance explains/),
    ).toHaveLength(2);
    expect(
      screen.getByRole('img', { name: /^short: improvement −0\.44/ }),
    ).toBeInTheDocument();
    expect(screen.getByText('Not compatible')).toBeInTheDocument();
    expect(
      screen.getByText('output label: INT64 became FP32'),
    ).toBeInTheDocument();

    await userEvent.click(
      screen.getByRole('button', { name: 'Swap base and candidate' }),
    );
    expect(
      within(await screen.findByRole('article', { name: 'Base' })).getByRole(
        'link',
        { name: 'Version 2' },
      ),
    ).toBeInTheDocument();
  });

  it('says that versions which run at a provider have no signature', async () => {
    server.use(
      ...serveModel(),
      http.get(`${REGISTRY_URL}/models/digits/compare`, () =>
        HttpResponse.json({
          ...comparison(1, 2),
          signature: {
            compatible: true,
            differences: [],
            notComparable: 'Not comparable: both run at a provider.',
          },
        }),
      ),
    );
    renderRegistry({
      path: '/ai-registry/models/digits/compare?base=1&candidate=2',
    });
    expect(
      await screen.findByText('Not comparable: both run at a provider.'),
    ).toBeInTheDocument();
    expect(
      screen.queryByText('Both take and give the same tensors.'),
    ).not.toBeInTheDocument();
  });

  it('asks for two versions when the address names none', async () => {
    server.use(...serveModel());
    renderRegistry({ path: '/ai-registry/models/digits/compare?base=x' });
    expect(await screen.findByText('Choose two versions')).toBeInTheDocument();
  });

  it('shows what changes in the prompt of versions at a provider', async () => {
    const external = (content: string) => ({
      formatVersion: 1 as const,
      connection: 'llm',
      model: 'gpt-4o',
      tasks: ['chat' as const],
      parameters: {},
      messages: [{ role: 'system' as const, content }],
    });
    const versions = comparison(1, 2);
    server.use(
      ...serveModel(),
      http.get(`${REGISTRY_URL}/models/digits/compare`, () =>
        HttpResponse.json({
          ...versions,
          base: { ...versions.base, external: external('Be brief.') },
          candidate: { ...versions.candidate, external: external('Be kind.') },
        }),
      ),
    );
    renderRegistry({
      path: '/ai-registry/models/digits/compare?base=1&candidate=2',
    });
    const fields = await screen.findByRole('table', {
      name: 'What both versions ask of their providers',
    });
    expect(
      within(fields).getByRole('row', { name: /Message 1/ }),
    ).toHaveTextContent('Message 1system: Be brief.system: Be kind.changed');
    expect(
      within(fields).getByRole('row', { name: /Model/ }),
    ).toHaveTextContent('Modelgpt-4ogpt-4osame');
  });
});

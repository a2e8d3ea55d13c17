import { registerMswTestHooks } from '@backstage/frontend-test-utils';
import type {
  Pipeline,
  PipelineRow,
} from '@greenroom/plugin-ai-registry-common';
import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { HttpResponse, http } from 'msw';
import { setupServer } from 'msw/node';
import { makeModel, makePromotion } from '../../__testUtils__/fixtures';
import {
  REGISTRY_URL,
  refusal,
  renderRegistry,
  type RenderRegistryOptions,
} from '../../__testUtils__/renderRegistry';
import {
  INFERENCE_URL,
  movingDigits,
  runningDigits,
  serveInference,
  serveModel,
} from '../../__testUtils__/serveModel';

const server = setupServer();
const PAGE = '/ai-registry/promotions/pipeline';
const TABLE = { name: 'Models and what runs in each environment' };

function inSeconds(seconds: number): string {
  return new Date(Date.now() + seconds * 1_000).toISOString();
}

const digits: PipelineRow = {
  model: {
    name: 'digits',
    title: 'Handwritten digits',
    owner: 'group:default/vision-team',
    latestVersion: 4,
  },
  stops: [
    {
      environment: 'dev',
      deployment: { ...runningDigits, environment: 'dev', version: 3 },
      next: { version: 4, eligible: true },
    },
    {
      environment: 'staging',
      promotion: {
        id: 'p-1',
        kind: 'promotion',
        version: 3,
        state: { phase: 'awaiting-review' },
        automation: 'propose',
        createdAt: '2026-05-03T08:00:00.000Z',
        gates: [
          { id: 'evaluation', title: 'Evaluation', status: 'passed' },
          { id: 'drift', title: 'Drift', status: 'failed' },
        ],
      },
      next: { version: 3, eligible: true },
    },
    {
      environment: 'production',
      deployment: {
        ...runningDigits,
        version: 2,
        rollbackTo: { version: 1, digest: `sha256:${'0'.repeat(63)}1` },
      },
      next: {
        version: 3,
        eligible: false,
        reason: 'It has not served in staging for an hour.',
        until: '2099-01-01T00:00:00.000Z',
      },
    },
  ],
};

const pipeline: Pipeline = {
  environments: [
    { name: 'dev', title: 'Development', newVersions: 'merge' },
    { name: 'staging', title: 'staging', promotesFrom: 'dev' },
    {
      name: 'production',
      title: 'production',
      promotesFrom: 'staging',
      freeze: { reason: 'Year end', until: '2099-01-04T00:00:00.000Z' },
    },
  ],
  items: [digits],
  totalItems: 1,
};

const settledModel: PipelineRow = {
  model: {
    name: 'diabetes',
    title: 'Diabetes progression',
    owner: 'group:default/health-team',
    latestVersion: 1,
  },
  stops: pipeline.environments.map(({ name }) => ({ environment: name })),
};

interface ServedPipeline {
  answer: Pipeline;
  /** Queries that were asked. */
  asked: URLSearchParams[];
}

function servePipeline(answer: Pipeline = pipeline): ServedPipeline {
  const served: ServedPipeline = { answer, asked: [] };
  server.use(
    ...serveInference({ deployments: [movingDigits] }),
    ...serveModel(),
    http.get(`${REGISTRY_URL}/models`, () =>
      HttpResponse.json({ items: [makeModel()], totalItems: 1 }),
    ),
    http.get(`${REGISTRY_URL}/pipeline`, ({ request }) => {
      served.asked.push(new URL(request.url).searchParams);
      return HttpResponse.json({ ...served.answer });
    }),
  );
  return served;
}

function open(options: Partial<RenderRegistryOptions> = {}) {
  return renderRegistry({ path: PAGE, ...options });
}

/** The cells of a model's row, in the order of the environments. */
async function cellsOf(title: RegExp) {
  const table = await screen.findByRole('table', TABLE);
  const row = within(table).getByRole('rowheader', { name: title });
  return within(row.closest('tr')!).getAllByRole('cell');
}

describe('PipelinePage', () => {
  registerMswTestHooks(server);

  it('shows environments with what is special of them as columns', async () => {
    servePipeline();
    open();
    const table = await screen.findByRole('table', TABLE);
    const [, dev, staging, production] =
      within(table).getAllByRole('columnheader');
    expect(dev).toHaveTextContent(
      'DevelopmentdevNew versions are merged by themselves',
    );
    expect(staging).toHaveTextContent('stagingfrom Development');
    expect(production).toHaveTextContent(/frozen Year end, opens in \d+ days/);
  });

  it('marks where what serves is not what is wanted', async () => {
    servePipeline();
    open();
    const [, , production] = await cellsOf(/Handwritten digits/);
    expect(
      await within(production).findByText(
        'Wanted version 2, serving version 1 (90 %) and version 2 (10 %)',
      ),
    ).toBeInTheDocument();
    expect(within(production).getByText('rolling out')).toBeInTheDocument();
    expect(
      within(production).getByRole('link', { name: 'Version 2' }),
    ).toHaveAttribute('href', '/ai-registry/models/digits/versions/2');
  });

  it('shows a promotion with its gates in words, and offers no second one', async () => {
    servePipeline();
    open();
    const [, staging] = await cellsOf(/Handwritten digits/);
    expect(
      within(staging).getByRole('link', { name: 'To version 3' }),
    ).toHaveAttribute('href', '/ai-registry/promotions/p-1');
    expect(within(staging).getByText('Awaiting review')).toBeInTheDocument();
    expect(within(staging).getByText('Came by itself')).toBeInTheDocument();
    const gates = within(staging).getByRole('list', {
      name: 'Gates of version 3',
    });
    expect(
      within(gates)
        .getAllByRole('listitem')
        .map(({ textContent }) => textContent),
    ).toEqual(['Evaluation: passed', 'Drift: failed']);
    expect(
      within(staging).queryByRole('button', { name: /^Promote/ }),
    ).not.toBeInTheDocument();
  });

  it('says why a version cannot come yet, and for how long', async () => {
    servePipeline();
    open();
    const [, , production] = await cellsOf(/Handwritten digits/);
    expect(production).toHaveTextContent(
      /Version 3 cannot come yet: It has not served in staging for an hour\. It can in \d+ days\./,
    );
  });

  it('looks again when the time has passed that a version waits for', async () => {
    const [dev, staging, production] = digits.stops;
    const waiting = {
      ...production,
      next: {
        version: 3,
        eligible: false as const,
        reason: 'It soaks.',
        until: inSeconds(2),
      },
    };
    const served = servePipeline({
      ...pipeline,
      items: [{ ...digits, stops: [dev, staging, waiting] }],
    });
    open();
    const [, , cell] = await cellsOf(/Handwritten digits/);
    expect(cell).toHaveTextContent(/It can in [12] s\./);
    served.answer = {
      ...pipeline,
      items: [
        {
          ...digits,
          stops: [
            dev,
            staging,
            { ...production, next: { version: 3, eligible: true } },
          ],
        },
      ],
    };
    expect(
      await within(cell).findByRole(
        'button',
        {
          name: 'Promote version 3 of Handwritten digits to production',
        },
        { timeout: 4_000 },
      ),
    ).toBeInTheDocument();
  });

  it('promotes from the cell, to its environment', async () => {
    servePipeline();
    const asked = jest.fn();
    server.use(
      http.post(`${REGISTRY_URL}/promotions`, async ({ request }) => {
        asked(await request.json());
        return HttpResponse.json(makePromotion(), { status: 201 });
      }),
      http.get(`${REGISTRY_URL}/promotions/p-1`, () =>
        HttpResponse.json({ ...makePromotion() }),
      ),
    );
    open();
    await userEvent.click(
      await screen.findByRole('button', {
        name: 'Promote version 4 of Handwritten digits to dev',
      }),
    );
    const dialog = within(await screen.findByRole('dialog'));
    expect(dialog.getByRole('radio', { name: 'dev' })).toBeChecked();
    expect(dialog.getByText(/^dev runs version 3 now\./)).toBeInTheDocument();
    await userEvent.type(dialog.getByLabelText(/^Reason/), 'Newer');
    await userEvent.click(
      dialog.getByRole('button', { name: 'Open promotion' }),
    );
    await waitFor(() =>
      expect(asked).toHaveBeenCalledWith(
        expect.objectContaining({
          model: 'digits',
          version: 4,
          environment: 'dev',
        }),
      ),
    );
  });

  it('says who may promote to those who may not, and disables the way back', async () => {
    servePipeline();
    open({ refused: ['ai-registry.model.promote'] });
    const promote = await screen.findByRole('button', {
      name: 'Promote version 4 of Handwritten digits to dev',
    });
    await waitFor(() =>
      expect(promote).toHaveAttribute('aria-disabled', 'true'),
    );
    expect(
      screen.getByRole('button', {
        name: 'Roll back Handwritten digits in production to version 1',
      }),
    ).toBeDisabled();
  });

  it('rolls back from the cell, and says what is asked of that', async () => {
    servePipeline();
    open();
    await userEvent.click(
      await screen.findByRole('button', {
        name: 'Roll back Handwritten digits in production to version 1',
      }),
    );
    const dialog = await screen.findByRole('dialog');
    expect(dialog).toHaveTextContent(
      /a change request of its own, with a shorter list of gates/,
    );
  });

  it('keeps its filters in the address, and asks the registry with them', async () => {
    const served = servePipeline();
    open({ path: `${PAGE}?search=hand&owner=group%3Adefault%2Fvision-team` });
    await cellsOf(/Handwritten digits/);
    expect(screen.getByRole('searchbox')).toHaveValue('hand');
    expect(Object.fromEntries(served.asked[0])).toEqual({
      search: 'hand',
      owner: 'group:default/vision-team',
      limit: '25',
    });
  });

  it('shows only what moves, among more models', async () => {
    const served = servePipeline({
      ...pipeline,
      items: [digits, settledModel],
      totalItems: 2,
    });
    open();
    expect(await screen.findByText('2 models.')).toBeInTheDocument();
    await userEvent.click(
      screen.getByRole('checkbox', { name: /^Only where/ }),
    );
    expect(
      await screen.findByText('1 shown; 2 models were looked at.'),
    ).toBeInTheDocument();
    expect(screen.queryByText('Diabetes progression')).not.toBeInTheDocument();
    expect(served.asked.at(-1)?.get('limit')).toBe('50');
  });

  it('goes from page to page and back', async () => {
    const served = servePipeline({
      ...pipeline,
      totalItems: 60,
      nextCursor: 'digits',
    });
    open();
    expect(await screen.findByText('60 models, 1 shown.')).toBeInTheDocument();
    served.answer = { ...pipeline, items: [settledModel], totalItems: 60 };
    await userEvent.click(screen.getByRole('button', { name: 'Next page' }));
    await cellsOf(/Diabetes progression/);
    expect(served.asked.at(-1)?.get('cursor')).toBe('digits');
    expect(screen.getByRole('button', { name: 'Next page' })).toBeDisabled();
    served.answer = { ...pipeline, totalItems: 60, nextCursor: 'digits' };
    await userEvent.click(
      screen.getByRole('button', { name: 'Previous page' }),
    );
    await cellsOf(/Handwritten digits/);
    expect(served.asked.at(-1)?.has('cursor')).toBe(false);
  });

  it('says what to do where there is nothing to see', async () => {
    servePipeline({ ...pipeline, items: [], totalItems: 0 });
    open();
    expect(await screen.findByText('No model yet')).toBeInTheDocument();
    expect(screen.getByRole('link', { name: 'Go to models' })).toHaveAttribute(
      'href',
      '/ai-registry/models',
    );
  });

  it('says so when the registry refuses, and when inference is away', async () => {
    servePipeline();
    server.use(
      http.get(`${INFERENCE_URL}/deployments`, () =>
        refusal(503, 'The database is away'),
      ),
    );
    const { unmount } = open();
    expect(
      await screen.findByText(/What serves is not known/),
    ).toBeInTheDocument();
    expect(screen.queryByText(/^Wanted version/)).not.toBeInTheDocument();
    unmount();
    server.use(
      http.get(`${REGISTRY_URL}/pipeline`, () =>
        refusal(403, 'You may not read models: ask a platform administrator.'),
      ),
    );
    open();
    expect(
      await screen.findByText(
        'You may not read models: ask a platform administrator.',
      ),
    ).toBeInTheDocument();
  });

  it('is reached from the list of promotions, and leads back to it', async () => {
    servePipeline();
    open({ path: '/ai-registry/promotions' });
    await userEvent.click(
      await screen.findByRole('radio', { name: 'Pipeline' }),
    );
    expect(await screen.findByRole('table', TABLE)).toBeInTheDocument();
    await userEvent.click(screen.getByRole('radio', { name: 'All' }));
    expect(await screen.findByText('No promotion yet')).toBeInTheDocument();
  });
});

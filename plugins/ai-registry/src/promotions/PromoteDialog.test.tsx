import { registerMswTestHooks } from '@backstage/frontend-test-utils';
import { screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { HttpResponse, http } from 'msw';
import { setupServer } from 'msw/node';
import { makePromotion } from '../__testUtils__/fixtures';
import { REGISTRY_URL, renderRegistry } from '../__testUtils__/renderRegistry';
import {
  runningDigits,
  type ServedInference,
  type ServedModel,
  serveInference,
  serveModel,
} from '../__testUtils__/serveModel';

const server = setupServer(...serveInference());
const SEND = { name: 'Open promotion' };

async function openDialog(
  served: ServedModel = {},
  inference: ServedInference = {},
) {
  const asked = jest.fn();
  server.use(
    ...serveInference(inference),
    ...serveModel(served),
    http.post(`${REGISTRY_URL}/promotions`, async ({ request }) => {
      asked(await request.json());
      return HttpResponse.json(makePromotion(), { status: 201 });
    }),
    http.get(`${REGISTRY_URL}/promotions/p-1`, () =>
      HttpResponse.json({ ...makePromotion() }),
    ),
  );
  renderRegistry({ path: '/ai-registry/models/digits' });
  await userEvent.click(
    await screen.findByRole('button', { name: 'Promote version 2' }),
  );
  const dialog = within(await screen.findByRole('dialog'));
  await userEvent.type(dialog.getByLabelText(/^Reason/), 'Maybe better');
  return { dialog, asked };
}

const setNumber = async (field: HTMLElement, value: string) => {
  await userEvent.clear(field);
  await userEvent.type(field, value);
  await userEvent.tab();
};

describe('PromoteDialog', () => {
  registerMswTestHooks(server);

  it('shows no more than before, until something else is chosen', async () => {
    const { dialog } = await openDialog();
    expect(dialog.getByRole('list', { name: 'Canary steps' })).toBeVisible();
    expect(dialog.getByText('How versions are compared')).toBeVisible();
    expect(dialog.getByText('Otherwise, from now on')).not.toBeVisible();
    await userEvent.click(
      dialog.getByRole('radio', { name: 'All traffic at once' }),
    );
    expect(
      dialog.queryByText('How versions are compared'),
    ).not.toBeInTheDocument();
  });

  it('adds an analysis to a canary', async () => {
    const { dialog, asked } = await openDialog();
    await userEvent.click(dialog.getByRole('button', { name: 'Add analysis' }));
    await setNumber(
      dialog.getByLabelText('Step 3: longest analysis in seconds'),
      '600',
    );
    await userEvent.click(dialog.getByRole('button', SEND));
    await screen.findByRole('heading', { name: /^Promote digits/ });
    expect(asked).toHaveBeenCalledWith(
      expect.objectContaining({
        rollout: {
          strategy: 'canary',
          steps: [
            { weightPercent: 10, holdSeconds: 30 },
            { weightPercent: 50, holdSeconds: 30 },
            { analysisSeconds: 600 },
          ],
        },
        analysis: { metrics: [], minUnitsPerVariant: 100 },
      }),
    );
  });

  it('asks for the metric of an experiment, and sends both', async () => {
    const { dialog, asked } = await openDialog();
    await userEvent.click(
      dialog.getByRole('radio', { name: 'Experiment, fixed shares' }),
    );
    await setNumber(
      dialog.getByRole('textbox', {
        name: 'Share of the new version, in percent',
      }),
      '20',
    );
    await userEvent.click(dialog.getByRole('button', SEND));
    expect(dialog.getByText(/^Choose a metric/)).toBeVisible();
    expect(asked).not.toHaveBeenCalled();

    await userEvent.click(
      dialog.getByRole('button', { name: /Metric that decides/ }),
    );
    await userEvent.click(
      await screen.findByRole('option', {
        name: 'An outcome that callers report',
      }),
    );
    await userEvent.type(
      dialog.getByLabelText('Name of the outcome'),
      'clicked',
    );
    await userEvent.click(dialog.getByRole('radio', { name: 'Nothing' }));
    await userEvent.click(dialog.getByRole('button', SEND));
    await screen.findByRole('heading', { name: /^Promote digits/ });
    expect(asked).toHaveBeenCalledWith(
      expect.objectContaining({
        rollout: {
          strategy: 'experiment',
          control: { version: 1, sharePercent: 80 },
          treatments: [{ version: 2, sharePercent: 20 }],
          end: {
            atMostSeconds: 604_800,
            minUnitsPerVariant: 1_000,
            winner: 'serve',
          },
        },
        analysis: {
          metrics: [
            {
              name: 'clicked',
              measure: { kind: 'outcome', outcome: 'clicked' },
              direction: 'higher-is-better',
              margin: 0.01,
              alpha: 0.05,
              power: 0.8,
            },
          ],
          guardrails: [],
          minUnitsPerVariant: 100,
        },
        outcomes: { samplePercent: 100, keepDays: 30 },
      }),
    );
  });

  it('says how the manifest compares versions, and leaves that as it is', async () => {
    const { dialog, asked } = await openDialog({
      deployments: [
        {
          ...runningDigits,
          analysis: {
            metrics: [
              {
                name: 'clicks',
                measure: { kind: 'outcome', outcome: 'clicked' },
                direction: 'higher-is-better',
                margin: 0.01,
                alpha: 0.05,
                power: 0.8,
              },
            ],
            minUnitsPerVariant: 500,
          },
        },
      ],
    });
    await userEvent.click(dialog.getByText('How versions are compared'));
    expect(
      await dialog.findByText(
        /^Metric clicks: the mean of the outcome clicked/,
      ),
    ).toBeVisible();
    await userEvent.click(
      dialog.getByRole('radio', { name: 'Adaptive shares' }),
    );
    await userEvent.click(dialog.getByRole('button', SEND));
    await screen.findByRole('heading', { name: /^Promote digits/ });
    expect(asked).toHaveBeenCalledTimes(1);
    const [sent] = asked.mock.calls[0];
    expect(sent.rollout).toMatchObject({
      strategy: 'adaptive',
      metric: 'clicks',
    });
    expect(sent).not.toHaveProperty('analysis');
  });

  it('says that a data plane starts by itself where the control plane runs it', async () => {
    const { dialog } = await openDialog(
      {},
      {
        environments: [],
        onDemand: [
          {
            environment: 'staging',
            deployer: 'local',
            run: {
              state: 'asleep',
              since: '2026-05-03T10:00:00Z',
              because: 'unused',
              reason: 'nothing is deployed there',
            },
          },
        ],
      },
    );
    await userEvent.click(dialog.getByRole('radio', { name: /^staging/i }));
    expect(
      await dialog.findByText('The data plane of staging starts by itself'),
    ).toBeVisible();
    expect(dialog.queryByText(/^No data plane/)).not.toBeInTheDocument();
  });

  it('compares with nothing where nothing runs', async () => {
    const { dialog, asked } = await openDialog();
    await userEvent.click(dialog.getByRole('radio', { name: /^staging/i }));
    expect(
      dialog.getByText(
        /Nothing runs in staging yet: a first version gets all traffic at once\./,
      ),
    ).toBeVisible();
    await userEvent.click(
      dialog.getByRole('radio', { name: 'Shadow, on copies' }),
    );
    expect(dialog.getByText(/^Nothing runs there yet/)).toBeVisible();
    await userEvent.click(dialog.getByRole('button', SEND));
    expect(asked).not.toHaveBeenCalled();
  });
});

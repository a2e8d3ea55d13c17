import { registerMswTestHooks } from '@backstage/frontend-test-utils';
import type { InferRequest } from '@greenroom/plugin-ai-inference-common';
import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { http, HttpResponse } from 'msw';
import { setupServer } from 'msw/node';
import {
  makeDataPlane,
  makeDeployment,
  makeImageVersion,
  makeTabularVersion,
} from '../__testUtils__/fixtures';
import {
  INFERENCE_URL,
  REGISTRY_URL,
  renderInference,
} from '../__testUtils__/renderInference';

const server = setupServer();

interface SeenCall {
  url: string;
  assignmentId: string | null;
  request: InferRequest;
}

function serve(options: { model: string; version: unknown; answer: unknown }) {
  const { model, version, answer } = options;
  const calls: SeenCall[] = [];
  server.use(
    http.get(`${INFERENCE_URL}/deployments`, () =>
      HttpResponse.json({ items: [makeDeployment({ model })] }),
    ),
    http.get(`${INFERENCE_URL}/data-planes`, () =>
      HttpResponse.json({ items: [makeDataPlane()] }),
    ),
    http.get(`${REGISTRY_URL}/models/${model}/versions/:version`, () =>
      HttpResponse.json(version as {}),
    ),
    http.post<never, InferRequest>(
      `${INFERENCE_URL}/playground/*`,
      async ({ request }) => {
        calls.push({
          url: request.url.replace(INFERENCE_URL, ''),
          assignmentId: request.headers.get('x-assignment-id'),
          request: await request.json(),
        });
        return HttpResponse.json(answer as {});
      },
    ),
  );
  return calls;
}

const estimate = {
  model_name: 'diabetes',
  model_version: '2',
  outputs: [
    { name: 'estimate', datatype: 'FP32', shape: [1, 1], data: [152.5] },
  ],
};

describe('PlaygroundPage', () => {
  registerMswTestHooks(server);

  it('shows no address that nobody answers at', async () => {
    serve({
      model: 'diabetes',
      version: makeTabularVersion(),
      answer: estimate,
    });
    server.use(
      http.get(`${INFERENCE_URL}/data-planes`, () =>
        HttpResponse.json({ items: [makeDataPlane({ online: false })] }),
      ),
    );
    renderInference({ path: '/ai-inference/playground/diabetes' });
    expect(
      await screen.findByText('No data plane of production is online'),
    ).toBeInTheDocument();
    expect(
      screen.getByText(/https:\/\/your-data-plane\.example\.com\/v2/),
    ).toBeInTheDocument();
    expect(
      screen.queryByText(/inference\.example\.com\/v2/),
    ).not.toBeInTheDocument();
  });

  it('shows how a version is called that runs at a provider', async () => {
    serve({
      model: 'diabetes',
      version: {
        ...makeTabularVersion(),
        format: 'external',
        signature: undefined,
        schema: undefined,
        external: { tasks: ['completions'], parameters: {}, messages: [] },
      },
      answer: {},
    });
    renderInference({ path: '/ai-inference/playground/diabetes' });
    expect(await screen.findByText(/\/v1\/completions/)).toBeInTheDocument();
    expect(
      screen.queryByRole('button', { name: 'Ask the model' }),
    ).not.toBeInTheDocument();
  });

  it.each([
    ['online', 0],
    ['offline', 1],
  ])(
    'shows the configured address while data planes are %s',
    async (state, warnings) => {
      serve({
        model: 'diabetes',
        version: makeTabularVersion(),
        answer: estimate,
      });
      server.use(
        http.get(`${INFERENCE_URL}/data-planes`, () =>
          HttpResponse.json({
            items: [makeDataPlane({ online: state === 'online' })],
          }),
        ),
      );
      const address = 'https://models.example.com/eu';
      renderInference({
        path: '/ai-inference/playground/diabetes',
        environments: [{ name: 'production', dataPlane: { address } }],
      });
      expect(
        await screen.findByText(
          /models\.example\.com\/eu\/v2\/models\/diabetes/,
        ),
      ).toBeInTheDocument();
      await waitFor(() =>
        expect(
          screen.queryAllByText('No data plane of production is online'),
        ).toHaveLength(warnings),
      );
      expect(
        screen.queryByText(/inference\.example\.com\/v2/),
      ).not.toBeInTheDocument();
    },
  );

  it('says that a data plane sleeps, and that it is being woken while one waits', async () => {
    serve({ model: 'diabetes', version: makeTabularVersion(), answer: {} });
    const asleep = makeDeployment({
      model: 'diabetes',
      environment: 'dev',
      convergence: {
        state: 'asleep',
        reason: 'The data plane of dev sleeps: nobody has needed it',
        since: '2026-05-03T10:00:00Z',
      },
      dataPlanes: { ready: 0, total: 0, degraded: [], onDemand: true },
    });
    let answerNow = () => {};
    server.use(
      http.get(`${INFERENCE_URL}/deployments`, () =>
        HttpResponse.json({ items: [asleep] }),
      ),
      http.get(`${INFERENCE_URL}/data-planes`, () =>
        HttpResponse.json({ items: [] }),
      ),
      http.post(`${INFERENCE_URL}/playground/*`, async () => {
        await new Promise<void>(resolve => {
          answerNow = resolve;
        });
        return HttpResponse.json(estimate);
      }),
    );
    renderInference({ path: '/ai-inference/playground/diabetes' });
    expect(
      await screen.findByText('The data plane of dev sleeps'),
    ).toBeInTheDocument();
    await userEvent.click(
      screen.getByRole('button', { name: 'Ask the model' }),
    );
    expect(
      await screen.findByText(
        'The data plane of dev sleeps and is being woken.',
      ),
    ).toBeInTheDocument();
    answerNow();
    expect(await screen.findByText('152.5')).toBeInTheDocument();
    expect(screen.queryByText(/is being woken/)).not.toBeInTheDocument();
  });

  it('asks with named numbers as another caller, and shows answer, version and code', async () => {
    const calls = serve({
      model: 'diabetes',
      version: makeTabularVersion(),
      answer: estimate,
    });
    renderInference({ path: '/ai-inference/playground/diabetes' });

    const age = await screen.findByRole('textbox', { name: /^Age/ });
    expect(age).toHaveValue('50');
    await userEvent.clear(age);
    await userEvent.type(age, '61{Tab}');
    await userEvent.click(screen.getByText('As another caller'));
    await userEvent.type(screen.getByLabelText('Assignment id'), 'session-7');
    await userEvent.click(
      screen.getByRole('button', { name: 'Ask the model' }),
    );

    expect(await screen.findByText('152.5')).toBeInTheDocument();
    expect(screen.getByText(/Answered by version 2 in/)).toBeInTheDocument();
    expect(calls).toEqual([
      {
        url: '/playground/production/diabetes',
        assignmentId: 'session-7',
        request: {
          inputs: [
            {
              name: 'features',
              shape: [1, 2],
              datatype: 'FP32',
              data: [61, 30.4],
            },
          ],
        },
      },
    ]);
    const code = screen.getByRole('region', { name: 'curl code' });
    expect(code).toHaveTextContent(
      'http://inference.example.com/v2/models/diabetes/infer',
    );
    expect(code).toHaveTextContent('x-assignment-id: session-7');
    expect(code).toHaveTextContent('[61, 30.4]');
  });

  it('explains the row by the version that answers, the largest part first', async () => {
    const calls = serve({
      model: 'diabetes',
      version: makeTabularVersion(),
      answer: {
        model_name: 'diabetes',
        model_version: '2',
        method: 'exact',
        output: 'estimate',
        explains: 'value',
        base_value: 150,
        prediction: 132.5,
        additivity_error: 0,
        background: { source: 'reference', rows: 50 },
        evaluations: 200,
        seed: 1,
        features: [
          { name: 'age', value: 50, attribution: 2.5, standard_error: 0 },
          { name: 'bmi', value: 30.4, attribution: -20, standard_error: 0 },
        ],
      },
    });
    renderInference({ path: '/ai-inference/playground/diabetes?version=1' });
    await userEvent.click(
      await screen.findByRole('button', { name: 'Explain' }),
    );
    const bars = within(
      await screen.findByRole('list', { name: 'What each feature adds' }),
    ).getAllByRole('listitem');
    expect(bars[0]).toHaveTextContent('bmi 30.4');
    expect(bars[0]).toHaveTextContent(/[-−]20/);
    expect(bars[1]).toHaveTextContent('Age 50');
    expect(bars[1]).toHaveTextContent('+2.5');
    expect(
      screen.getByText('The estimate is 132.5; on typical rows it is 150.'),
    ).toBeInTheDocument();
    expect(screen.getByText(/Exact Shapley values, version 2/)).toBeVisible();
    expect(calls.map(({ url }) => url)).toEqual([
      '/playground/production/diabetes/versions/1/explain',
    ]);
  });

  it('maps over the drawing which patches matter', async () => {
    serve({
      model: 'digits',
      version: makeImageVersion(),
      answer: {
        model_name: 'digits',
        model_version: '1',
        method: 'occlusion',
        output: 'probabilities',
        explains: 'probability',
        class: 'one',
        base_value: 0.1,
        prediction: 0.9,
        background: { source: 'reference', rows: 50 },
        evaluations: 300,
        seed: 1,
        patches: {
          rows: 1,
          columns: 2,
          attributions: [0.5, -0.1],
          standard_errors: [0, 0],
        },
      },
    });
    renderInference({ path: '/ai-inference/playground/digits' });
    await userEvent.click(
      await screen.findByRole('button', { name: 'Explain' }),
    );
    expect(
      await screen.findByRole('img', {
        name: 'What each of 1 by 2 patches adds: 1 raise the prediction, the strongest by 0.5',
      }),
    ).toBeInTheDocument();
    expect(
      screen.getByText(
        'The probability of "one" is 90 %; on typical rows it is 10 %.',
      ),
    ).toBeInTheDocument();
  });

  it('says which field is missing instead of asking', async () => {
    const calls = serve({
      model: 'diabetes',
      version: makeTabularVersion(),
      answer: estimate,
    });
    renderInference({ path: '/ai-inference/playground/diabetes' });
    await userEvent.clear(await screen.findByRole('textbox', { name: /^Age/ }));
    await userEvent.tab();
    await userEvent.click(
      screen.getByRole('button', { name: 'Ask the model' }),
    );
    expect(await screen.findByRole('alert')).toHaveTextContent(
      '"age" needs a number.',
    );
    expect(calls).toEqual([]);
    await userEvent.click(
      screen.getByRole('button', { name: 'Fill with typical values' }),
    );
    expect(screen.getByRole('textbox', { name: /^Age/ })).toHaveValue('50');
  });

  it('takes a drawing made with the keyboard', async () => {
    const calls = serve({
      model: 'digits',
      version: makeImageVersion(),
      answer: {
        model_name: 'digits',
        model_version: '1',
        outputs: [
          { name: 'label', datatype: 'INT64', shape: [1], data: [1] },
          {
            name: 'probabilities',
            datatype: 'FP32',
            shape: [1, 2],
            data: [0.1, 0.9],
          },
        ],
      },
    });
    renderInference({
      path: '/ai-inference/playground/digits?version=1&environment=production',
    });
    (await screen.findByRole('application', { name: /Drawing pad/ })).focus();
    await userEvent.keyboard(' {ArrowDown}{ArrowDown} ');

    const bars = await screen.findByRole('list', {
      name: 'Probability of each class',
    });
    expect(within(bars).getAllByRole('listitem')[0]).toHaveTextContent(
      'one90 %',
    );
    expect(calls[0].url).toBe('/playground/production/digits/versions/1');
    const { data } = calls[0].request.inputs[0];
    expect(data).toHaveLength(4);
    expect(data.some(value => Number(value) > 0)).toBe(true);
    await userEvent.click(screen.getByRole('button', { name: 'Clear' }));
    expect(screen.getByText('Draw here')).toBeInTheDocument();
  });

  it('lets a version without a schema be asked with JSON', async () => {
    const calls = serve({
      model: 'diabetes',
      version: makeTabularVersion({ schema: undefined }),
      answer: estimate,
    });
    renderInference({ path: '/ai-inference/playground/diabetes' });
    const request = await screen.findByLabelText(/^Request/);
    const ask = screen.getByRole('button', { name: 'Ask the model' });
    await userEvent.click(ask);
    expect(await screen.findByText(/"estimate"/)).toBeInTheDocument();
    expect(calls[0].request.inputs[0].data).toEqual([0, 0]);
    await userEvent.type(request, 'x');
    await userEvent.click(ask);
    expect(await screen.findByRole('alert')).toHaveTextContent(
      'The request is not JSON',
    );
  });

  it('offers the deployed models when none is named', async () => {
    serve({ model: 'digits', version: {}, answer: {} });
    renderInference({ path: '/ai-inference/playground' });
    expect(await screen.findByRole('link', { name: 'digits' })).toHaveAttribute(
      'href',
      '/ai-inference/playground/digits?environment=production',
    );
  });
});

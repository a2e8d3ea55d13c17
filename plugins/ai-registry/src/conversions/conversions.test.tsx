import { registerMswTestHooks } from '@backstage/frontend-test-utils';
import type { VersionConversion } from '@greenroom/plugin-ai-registry-common';
import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { HttpResponse, http } from 'msw';
import { setupServer } from 'msw/node';
import { makeVersion } from '../__testUtils__/fixtures';
import { refusal, renderRegistry } from '../__testUtils__/renderRegistry';
import { serveModel } from '../__testUtils__/serveModel';

const server = setupServer();
const PATH = '/ai-registry/models/digits/versions/1';
const CONVERSION =
  'http://localhost:7007/api/ai-training/models/digits/versions/1/conversion';
const JOB = '0b8a6a1e-5f3d-4a53-9b3f-0d4c6a6a3c11';

const logged = makeVersion({
  format: 'mlflow',
  signature: undefined,
  mlflow: {
    flavors: [
      { name: 'python_function', facts: {} },
      { name: 'sklearn', facts: { sklearn_version: '1.9.1' } },
    ],
  },
  servability: { state: 'not-tried', reason: 'not served' },
});
const conversion = (state: object) => ({
  model: 'digits',
  version: 1,
  job: JOB,
  run: 'a'.repeat(32),
  requestedBy: 'user:default/ada',
  requestedAt: '2026-05-03T08:00:00Z',
  allowOtherVersions: false,
  state: { since: '2026-05-03T08:00:00Z', ...state },
});

describe('conversion of a version that MLflow has logged', () => {
  registerMswTestHooks(server);

  it('is begun by its button, and leads to the version that was made', async () => {
    let state: object | undefined;
    const asked: unknown[] = [];
    server.use(
      ...serveModel({ versions: [logged] }),
      http.get(CONVERSION, () =>
        HttpResponse.json({ conversion: state ? conversion(state) : null }),
      ),
      http.post(CONVERSION, async ({ request }) => {
        asked.push(await request.json());
        state = { phase: 'converted', made: 2 };
        return HttpResponse.json(conversion(state), { status: 201 });
      }),
    );
    renderRegistry({ path: PATH });
    await userEvent.click(
      await screen.findByRole('button', { name: 'Convert to ONNX' }),
    );
    expect(
      await screen.findByRole('link', { name: 'Version 2 in ONNX' }),
    ).toHaveAttribute('href', '/ai-registry/models/digits/versions/2');
    expect(asked).toEqual([{ allowOtherVersions: false }]);
    expect(
      screen.queryByRole('button', { name: /Convert/ }),
    ).not.toBeInTheDocument();
  });

  it('says why the last one failed, and is begun again with other versions allowed', async () => {
    const asked: unknown[] = [];
    server.use(
      ...serveModel({ versions: [logged] }),
      http.get(CONVERSION, () =>
        HttpResponse.json({
          conversion: conversion({
            phase: 'failed',
            reason: 'it was logged with scikit-learn 1.2.0',
          }),
        }),
      ),
      http.post(CONVERSION, async ({ request }) => {
        asked.push(await request.json());
        return refusal(409, 'It was converted already');
      }),
    );
    renderRegistry({ path: PATH });
    expect(
      await screen.findByText('it was logged with scikit-learn 1.2.0'),
    ).toBeInTheDocument();
    await userEvent.click(
      screen.getByRole('checkbox', { name: /another version of its library/ }),
    );
    await userEvent.click(
      screen.getByRole('button', { name: 'Convert again' }),
    );
    expect(
      await screen.findByText('It was converted already'),
    ).toBeInTheDocument();
    expect(asked).toEqual([{ allowOtherVersions: true }]);
  });

  it('is not begun by who may not change the model, and not shown where training is not installed', async () => {
    server.use(
      ...serveModel({ versions: [logged] }),
      http.get(CONVERSION, () => HttpResponse.json({ conversion: null })),
    );
    const { unmount } = renderRegistry({
      path: PATH,
      refused: ['ai-registry.model.update'],
    });
    const button = await screen.findByRole('button', {
      name: 'Convert to ONNX',
    });
    expect(button).toHaveAttribute('aria-disabled', 'true');
    await userEvent.click(button);
    unmount();
    server.use(http.get(CONVERSION, () => refusal(404, 'no such plugin')));
    renderRegistry({ path: PATH });
    await screen.findByText('Flavor sklearn');
    expect(
      screen.queryByRole('button', { name: 'Convert to ONNX' }),
    ).not.toBeInTheDocument();
  });
});

describe('a version that was converted', () => {
  registerMswTestHooks(server);

  const made: VersionConversion = {
    from: { model: 'Digits', version: 3 },
    job: JOB,
    libraries: {
      'scikit-learn': { logged: '1.2.0', used: '1.9.1' },
      onnx: { used: '1.22.0' },
    },
    numbers: 'float32',
    tolerance: { relative: 1e-4, absolute: 1e-5 },
    rows: 40,
    largestDifference: 2.34e-7,
  };
  const show = (changes: Partial<VersionConversion>) => {
    const version = makeVersion({ conversion: { ...made, ...changes } });
    server.use(...serveModel({ versions: [version] }));
    renderRegistry({ path: PATH });
  };

  it('says of which version it was made, and what was found', async () => {
    show({
      check: {
        outcome: 'equal',
        checkedAt: '2026-05-03T08:00:00Z',
        runtime: 'a server 1.0',
        rows: 40,
        differing: 0,
        largestDifference: 1e-6,
        withScores: true,
      },
    });
    expect(
      await screen.findByText('Predicts the same on 40 rows'),
    ).toBeInTheDocument();
    expect(screen.getByRole('link', { name: 'Version 3' })).toHaveAttribute(
      'href',
      '/ai-registry/models/digits/versions/3',
    );
    expect(
      screen.getByText('scikit-learn 1.9.1, logged with 1.2.0'),
    ).toBeInTheDocument();
    expect(
      screen.getByText('equal on 40 rows, largest difference 2.3e-7'),
    ).toBeInTheDocument();
  });

  it('tells what differs, and what only its files say', async () => {
    show({
      job: undefined,
      check: {
        outcome: 'different',
        checkedAt: '2026-05-03T08:00:00Z',
        runtime: 'a server 1.0',
        rows: 40,
        differing: 1,
        largestDifference: 0.5,
        withScores: true,
      },
    });
    expect(
      await screen.findByText('Predicts something else on 1 row'),
    ).toBeInTheDocument();
    expect(
      screen.getByText('Version 3 of Digits, as its files say'),
    ).toBeInTheDocument();
  });
});

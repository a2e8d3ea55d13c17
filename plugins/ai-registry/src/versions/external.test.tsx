import { registerMswTestHooks } from '@backstage/frontend-test-utils';
import type { NewVersion } from '@greenroom/plugin-ai-registry-common';
import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { HttpResponse, http } from 'msw';
import { setupServer } from 'msw/node';
import { makeVersion } from '../__testUtils__/fixtures';
import { REGISTRY_URL, renderRegistry } from '../__testUtils__/renderRegistry';
import { serveInference, serveModel } from '../__testUtils__/serveModel';

const server = setupServer();
const MODEL = '/ai-registry/models/digits';
const external = {
  formatVersion: 1 as const,
  connection: 'llm',
  model: 'gpt-4o-2024-08-06',
  tasks: ['chat' as const],
  parameters: { temperature: 0.2 },
  messages: [{ role: 'system' as const, content: 'You are terse.' }],
};
const described = makeVersion({
  version: 3,
  format: 'external',
  files: 1,
  signature: undefined,
  evaluation: undefined,
  servability: { state: 'not-tried', reason: 'It runs at a provider.' },
  external,
});

describe('a version that a provider runs', () => {
  registerMswTestHooks(server);

  it('is shown by its descriptor, and cannot be tried', async () => {
    server.use(...serveModel({ versions: [described] }), ...serveInference());
    renderRegistry({ path: `${MODEL}/versions/3` });
    expect(await screen.findByText('gpt-4o-2024-08-06')).toBeInTheDocument();
    expect(screen.getByText('You are terse.')).toBeInTheDocument();
    expect(screen.getByText(/"temperature": 0.2/)).toBeInTheDocument();
    expect(screen.getByText('It runs at a provider.')).toBeInTheDocument();
    expect(
      screen.queryByRole('button', { name: 'Try again' }),
    ).not.toBeInTheDocument();
    expect(screen.queryByText('Signature')).not.toBeInTheDocument();
  });

  it('is registered without writing JSON', async () => {
    const created: NewVersion[] = [];
    const digest = `sha256:${'a'.repeat(64)}`;
    server.use(
      ...serveModel({ versions: [described] }),
      ...serveInference(),
      http.post(`${REGISTRY_URL}/artifacts`, () =>
        HttpResponse.json({ digest, sizeBytes: 5 }),
      ),
      http.post<never, NewVersion>(
        `${REGISTRY_URL}/models/digits/versions`,
        async ({ request }) => {
          created.push(await request.json());
          return HttpResponse.json(described, { status: 201 });
        },
      ),
    );
    renderRegistry({ path: MODEL });
    await userEvent.click(
      await screen.findByRole('button', { name: 'Upload version' }),
    );
    await userEvent.click(
      await screen.findByRole('radio', { name: "A provider's model" }),
    );
    await userEvent.click(screen.getByRole('button', { name: 'Upload' }));
    expect(
      await screen.findByText('Name the model as the provider calls it.'),
    ).toBeInTheDocument();
    const fill = async (label: RegExp, value: string) => {
      const field = screen.getByRole('textbox', { name: label });
      await userEvent.clear(field);
      await userEvent.type(field, value.replace(/[{[]/g, '$&$&'));
    };
    await fill(/^Connection/, 'My LLM');
    await fill(/^Model/, 'gpt-4o-2024-08-06');
    await userEvent.click(screen.getByRole('button', { name: 'Upload' }));
    expect(
      await screen.findByText(/expected the name of a connection/),
    ).toBeInTheDocument();
    await fill(/^Connection/, 'llm');
    await fill(/^Parameters/, '{"temperature": 0.2}');
    await fill(/^System message/, 'You are terse.');
    await userEvent.click(screen.getByRole('button', { name: 'Upload' }));
    await screen.findByRole('heading', {
      name: 'Handwritten digits, version 3',
    });
    expect(created).toEqual([
      {
        bundle: {
          format: 'external',
          files: [{ path: 'external.json', digest, sizeBytes: 5 }],
        },
      },
    ]);
  });
});

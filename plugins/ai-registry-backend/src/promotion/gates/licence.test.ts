import { askGate, versionWith } from './__testUtils__/askGate';
import { licence } from './licence';

const ask = (
  tags: { version?: Record<string, string>; model?: Record<string, string> },
  allowed: string[] = [
    'Apache-2.0',
    'MIT',
    'GPL-3.0-or-later',
    'acme-internal',
  ],
) =>
  askGate(
    licence,
    {
      candidate: versionWith({ tags: tags.version ?? {} }),
      model: async () =>
        ({ tags: tags.model ?? {} } as unknown as Awaited<
          ReturnType<Parameters<typeof askGate>[1]['model'] & object>
        >),
    },
    { allowed },
  );

it.each([
  ['MIT', 'passed'],
  ['MIT OR AGPL-3.0-only', 'passed'],
  ['MIT AND Apache-2.0', 'passed'],
  ['GPL-3.0-only', 'passed'],
  ['acme-internal', 'passed'],
  ['MIT AND AGPL-3.0-only', 'failed'],
  ['CC-BY-NC-4.0', 'failed'],
  ['see the readme', 'undecided'],
])('%s: %s', async (license, status) => {
  expect((await ask({ version: { license } })).status).toBe(status);
});

it('goes by the version before the model, however it is spelt', async () => {
  const model = { licence: 'AGPL-3.0-only' };
  expect((await ask({ model })).status).toBe('failed');
  expect((await ask({ version: { license: 'MIT' }, model })).status).toBe(
    'passed',
  );
});

it('asks for one where there is none, and leaves nothing to ask where none are named', async () => {
  expect(await ask({})).toMatchObject({
    status: 'failed',
    summary: expect.stringContaining('tag license'),
  });
  await expect(ask({}, [])).rejects.toThrow('nothing to ask');
});

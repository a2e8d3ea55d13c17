import type { Deprecation } from '@greenroom/plugin-ai-registry-common';
import { askGate, versionWith } from './__testUtils__/askGate';
import { deprecation } from './deprecation';

const NOW = new Date('2026-05-03T12:00:00.000Z');
const said = (changes: Partial<Deprecation> = {}): Deprecation => ({
  since: '2026-05-01T12:00:00.000Z',
  message: 'Letters knows digits, too.',
  deprecatedBy: 'user:default/ada',
  ...changes,
});

const ask = (of: { version?: Deprecation; model?: Deprecation }) =>
  askGate(deprecation, {
    now: () => NOW,
    candidate: versionWith({ deprecation: of.version }),
    model: async () =>
      ({ deprecation: of.model } as unknown as Awaited<
        ReturnType<Parameters<typeof askGate>[1]['model'] & object>
      >),
  });

describe('deprecation', () => {
  it('has nothing to say of what should be used', async () => {
    expect(await ask({})).toMatchObject({ status: 'not-asked' });
  });

  it('says until when the version is there, and what to promote instead', async () => {
    const version = said({
      sunsetAt: '2026-05-06T12:00:00.000Z',
      replacement: { model: 'letters', version: 3 },
    });
    expect(await ask({ version })).toMatchObject({
      status: 'failed',
      summary:
        "Version 2 of model 'digits' is deprecated, with 3 days left. Promote version 3 of model 'letters' instead, or withdraw the deprecation.",
      evidence: {
        facts: [
          { label: 'Why', value: 'Letters knows digits, too.' },
          {
            label: 'Deprecated',
            value: '2026-05-01T12:00:00.000Z by user:default/ada',
          },
          { label: 'Sunset', value: '2026-05-06T12:00:00.000Z' },
        ],
      },
    });
  });

  it('names the model where that is deprecated, also where its sunset comes first', async () => {
    const model = said({ sunsetAt: '2026-05-03T11:00:00.000Z' });
    for (const version of [undefined, said()]) {
      expect(await ask({ model, version })).toMatchObject({
        summary:
          "Model 'digits' is deprecated, and its sunset has passed. Promote another version, or withdraw the deprecation.",
      });
    }
    expect(await ask({ model: said() })).toMatchObject({
      summary: expect.stringMatching(/^Model 'digits' is deprecated\. Promote/),
    });
  });
});

import { mockServices } from '@backstage/backend-test-utils';
import type { ConnectionCheckState } from '@greenroom/plugin-ai-inference-common';
import { InferenceConnectionStates } from './InferenceConnectionStates';

const AT = '2026-05-03T08:00:00.000Z';
const answers = (models: string[]): ConnectionCheckState => ({
  state: 'answers',
  checkedAt: AT,
  models,
});

const find = (connection: object) =>
  new InferenceConnectionStates({
    auth: mockServices.auth(),
    discoveryApi: mockServices.discovery(),
    fetchApi: {
      fetch: async () =>
        Response.json({
          items: [
            { environment: 'live', secrets: [], usedBy: [], ...connection },
          ],
        }),
    },
  }).find('live', 'llm');

describe('InferenceConnectionStates', () => {
  it('tells what a connection offers, and whether that is all', async () => {
    const llm = { name: 'llm', kind: 'local' };
    await expect(find({ ...llm, check: answers(['tiny']) })).resolves.toEqual({
      state: 'answers',
      checkedAt: AT,
      offers: [
        { name: 'llm', kind: 'local', models: ['tiny'], isComplete: true },
      ],
    });
    const most = Array.from({ length: 500 }, (_, index) => `m${index}`);
    await expect(find({ ...llm, check: answers(most) })).resolves.toMatchObject(
      { offers: [{ isComplete: false }] },
    );
  });

  it('tells what each upstream offers that answers', async () => {
    await expect(
      find({
        name: 'llm',
        kind: 'balanced',
        check: answers([]),
        upstreams: [
          { name: 'llm/1', kind: 'openai', check: answers(['small']) },
          { name: 'llm/2', kind: 'local', check: answers(['tiny']) },
          {
            name: 'llm/3',
            kind: 'local',
            check: { state: 'fails', checkedAt: AT, error: 'no such key' },
          },
          { name: 'llm/4', kind: 'local', check: { state: 'unchecked' } },
        ],
      }),
    ).resolves.toEqual({
      state: 'answers',
      checkedAt: AT,
      silent: 'llm/3: no such key',
      offers: [
        { name: 'llm/1', kind: 'openai', models: ['small'], isComplete: true },
        { name: 'llm/2', kind: 'local', models: ['tiny'], isComplete: true },
      ],
    });
  });
});

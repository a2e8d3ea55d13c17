import type { ExternalDescriptor } from '@greenroom/bundle-file';
import { compareDescriptors } from './compareDescriptors';

const base: ExternalDescriptor = {
  formatVersion: 1,
  connection: 'llm',
  model: 'gpt-4o',
  tasks: ['chat', 'embeddings'],
  parameters: { temperature: 0.2, seed: 1 },
  messages: [{ role: 'system', content: 'Be brief.' }],
};

const changed = (candidate: ExternalDescriptor | undefined) =>
  compareDescriptors(base, candidate).filter(field => field.changed);

describe('compareDescriptors', () => {
  it('finds nothing between equals, whatever the order of tasks and parameters', () => {
    expect(
      changed({
        ...base,
        tasks: ['embeddings', 'chat'],
        parameters: { seed: 1, temperature: 0.2 },
      }),
    ).toEqual([]);
  });

  it('names each field that differs, is new or is gone', () => {
    expect(
      changed({
        ...base,
        model: 'gpt-4o-mini',
        parameters: { temperature: 0.2, top_p: 0.9 },
        messages: [
          { role: 'system', content: 'Be kind.' },
          { role: 'user', content: 'Hello' },
        ],
      }),
    ).toEqual([
      {
        name: 'Model',
        base: 'gpt-4o',
        candidate: 'gpt-4o-mini',
        changed: true,
      },
      {
        name: 'Parameter seed',
        base: '1',
        candidate: undefined,
        changed: true,
      },
      {
        name: 'Message 1',
        base: 'system: Be brief.',
        candidate: 'system: Be kind.',
        changed: true,
      },
      {
        name: 'Parameter top_p',
        base: undefined,
        candidate: '0.9',
        changed: true,
      },
      {
        name: 'Message 2',
        base: undefined,
        candidate: 'user: Hello',
        changed: true,
      },
    ]);
  });

  it('holds a version at a provider against one that is none', () => {
    expect(changed(undefined).map(({ name }) => name)).toEqual(
      compareDescriptors(base, base).map(({ name }) => name),
    );
  });

  it('shows what a model of tensors takes and gives', () => {
    const tensors: ExternalDescriptor = {
      ...base,
      tasks: [],
      messages: [],
      tensors: {
        protocol: 'instances',
        signature: {
          inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, 4] }],
          outputs: [{ name: 'y', datatype: 'INT64', shape: [-1] }],
        },
      },
    };
    expect(
      compareDescriptors(undefined, tensors).map(
        ({ name, candidate }) => `${name}=${candidate}`,
      ),
    ).toEqual([
      'Connection=llm',
      'Model=gpt-4o',
      'Protocol=instances',
      'Inputs=x: FP32 [-1, 4]',
      'Outputs=y: INT64 [-1]',
      'Parameter seed=1',
      'Parameter temperature=0.2',
    ]);
  });
});

import type { Offer } from '../../environments/ConnectionStates';
import { findUnlisted } from './offeredModel';

const offer = (kind: string, changes: Partial<Offer> = {}): Offer => ({
  name: 'llm',
  kind,
  models: ['tiny', 'large'],
  isComplete: true,
  ...changes,
});

describe('findUnlisted', () => {
  it.each<[string, string]>([
    ['local', 'failed'],
    ['openai', 'undecided'],
    ['openai-compatible', 'undecided'],
  ])('finds what a service of the kind %s does not list', (kind, status) => {
    expect(findUnlisted('tiny', [offer(kind)])).toBeUndefined();
    expect(findUnlisted('tinny', [offer(kind)])).toEqual({
      status,
      why: `'llm' (${kind}) lists 'tiny', 'large'`,
    });
  });

  it.each([
    'azure-openai',
    'vertex-ai',
    'sagemaker',
    'hugging-face',
    'open-inference',
    'of-a-plugin',
  ])('says nothing of the kind %s, which lists other things', kind => {
    expect(findUnlisted('tinny', [offer(kind)])).toBeUndefined();
  });

  it('says nothing where the list was cut', () => {
    const cut = offer('openai', { isComplete: false });
    expect(findUnlisted('tinny', [cut])).toBeUndefined();
  });

  it('looks at each upstream, and the surest one decides', () => {
    expect(
      findUnlisted('large', [
        offer('openai', { name: 'llm/1' }),
        offer('openai', { name: 'llm/2', models: ['tiny'] }),
        offer('azure-openai', { name: 'llm/3', models: [] }),
        offer('local', { name: 'llm/4', models: [] }),
      ]),
    ).toEqual({
      status: 'failed',
      why: "'llm/2' (openai) lists 'tiny'; 'llm/4' (local) lists no models",
    });
  });

  it('names a few of many', () => {
    const models = Array.from({ length: 8 }, (_, index) => `m${index}`);
    expect(findUnlisted('large', [offer('openai', { models })])?.why).toBe(
      "'llm' (openai) lists 'm0', 'm1', 'm2', 'm3', 'm4', 3 more",
    );
  });
});

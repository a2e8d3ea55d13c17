import type { FlavorUse } from '@greenroom/plugin-ai-training-common';
import { backendsOf, flavorChoices, priceOf } from './flavorChoices';

const USES: FlavorUse[] = [
  {
    flavor: 'a100',
    title: 'NVIDIA A100',
    backend: 'east',
    capacity: 8,
    used: 5,
    queued: 0,
    held: 0,
    pricePerHour: { amount: 2, currency: 'EUR' },
    teams: [],
  },
  {
    flavor: 'cpu',
    title: 'cpu',
    backend: 'local',
    used: 0,
    queued: 0,
    held: 0,
    teams: [],
  },
];

describe('flavorChoices', () => {
  it('offers what there is, and what was chosen all the same', () => {
    expect(backendsOf(USES)).toEqual(['east', 'local']);
    expect(flavorChoices(USES, '', '').map(({ id }) => id)).toEqual([
      '',
      'a100',
      'cpu',
    ]);
    expect(flavorChoices(USES, 'east', 'gone')).toEqual([
      { id: '', label: 'Whatever there is' },
      {
        id: 'a100',
        label: expect.stringMatching(
          /^NVIDIA A100 \(a100\): 3 of 8 free, EUR.2.00 an hour$/,
        ),
      },
      { id: 'gone', label: 'gone' },
    ]);
  });

  it('says what an hour costs', () => {
    const wanted = { backend: '', flavor: 'a100', count: '2', nodes: '3' };
    expect(priceOf(USES, wanted)).toEqual({ amount: 12, currency: 'EUR' });
    expect(priceOf(USES, { ...wanted, count: 'x' })).toBeUndefined();
    expect(priceOf(USES, { ...wanted, flavor: 'cpu' })).toBeUndefined();
    expect(priceOf(USES, { ...wanted, backend: 'local' })).toBeUndefined();
  });
});

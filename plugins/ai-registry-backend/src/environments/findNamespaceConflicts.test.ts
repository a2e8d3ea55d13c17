import {
  findNamespaceConflicts,
  type NamespaceClaim,
} from './findNamespaceConflicts';

const claim = (
  model: string,
  fromPercent: number,
  toPercent: number,
  others: Partial<NamespaceClaim> = {},
): NamespaceClaim => ({
  environment: 'production',
  model,
  name: 'checkout',
  fromPercent,
  toPercent,
  ...others,
});

describe('findNamespaceConflicts', () => {
  it('lets experiments lie side by side', () => {
    const claims = [
      claim('a', 0, 50),
      claim('b', 50, 100),
      claim('c', 0, 100, { name: 'search' }),
      claim('d', 0, 100, { environment: 'staging' }),
    ];
    expect(findNamespaceConflicts({ claims, held: [] }).size).toBe(0);
  });

  it('refuses the later one by name', () => {
    const claims = [claim('b', 0, 50), claim('a', 49, 60)];
    expect([...findNamespaceConflicts({ claims, held: [] })]).toEqual([
      [
        'production/b',
        expect.stringContaining(
          "overlaps with the experiment of 'a' (49 to 60 percent)",
        ),
      ],
    ]);
  });

  it('leaves a part with the experiment that runs', () => {
    const running = claim('b', 0, 50);
    const refused = findNamespaceConflicts({
      claims: [claim('a', 0, 10), running],
      held: [running],
    });
    expect([...refused.keys()]).toEqual(['production/a']);
  });

  it('counts nothing against an experiment that is refused itself', () => {
    const claims = [claim('a', 0, 50), claim('b', 40, 80), claim('c', 60, 100)];
    const refused = findNamespaceConflicts({ claims, held: [] });
    expect([...refused.keys()]).toEqual(['production/b']);
  });
});

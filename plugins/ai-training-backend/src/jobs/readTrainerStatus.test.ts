import { readTrainerStatus } from './readTrainerStatus';

const NOW = new Date('2026-11-28T12:00:00Z');
const read = (sent: Parameters<typeof readTrainerStatus>[0]) =>
  readTrainerStatus(sent, NOW);

/** So many metrics of so many characters each, name and value together. */
const metricsOf = (count: number, characters: number) =>
  Array.from({ length: count }, (_, index) => ({
    name: String(index).padStart(10, 'm'),
    value: '1'.repeat(characters - 10),
  }));

describe('what a program says of how far it is', () => {
  it('is kept as it is, and the moment that it came where none is said', () => {
    const sent = {
      progressPercentage: 0,
      estimatedRemainingSeconds: 0,
      metrics: [{ name: 'loss', value: 'nan' }],
    };
    expect(read(sent)).toEqual({
      ...sent,
      lastUpdatedTime: '2026-11-28T12:00:00.000Z',
    });
    expect(read({})).toEqual({ lastUpdatedTime: '2026-11-28T12:00:00.000Z' });
  });

  it('is kept without what nobody knows', () => {
    const sent = {
      foo: 'x',
      metrics: [{ name: 'loss', value: '1', junk: 'x'.repeat(90_000) }],
    };
    expect(read(sent)).toEqual({
      metrics: [{ name: 'loss', value: '1' }],
      lastUpdatedTime: '2026-11-28T12:00:00.000Z',
    });
  });

  it('is dated as Kubeflow Trainer and its callbacks date it', () => {
    const at = (lastUpdatedTime: string) =>
      read({ lastUpdatedTime }).lastUpdatedTime;
    expect(at('2026-11-28T11:00:00.123456+00:00')).toBe(
      '2026-11-28T11:00:00.123Z',
    );
    expect(at('2026-11-28T12:00:00+01:00')).toBe('2026-11-28T11:00:00.000Z');
    expect(at('2026-11-29T12:00:00Z')).toBe('2026-11-29T12:00:00.000Z');
  });

  it.each([
    '1',
    'March 7',
    '2026-11-28',
    '2026-02-30T00:00:00Z',
    '2026-11-28T12:00:00',
    '0001-01-01T00:00:00Z',
    '1969-12-31T23:59:59Z',
    '2026-11-29T12:00:01Z',
    '9999-12-31T23:59:59Z',
    '+275760-09-13T00:00:00Z',
  ])('is refused with the time %j', lastUpdatedTime =>
    expect(() => read({ lastUpdatedTime })).toThrow(
      `trainerStatus.lastUpdatedTime '${lastUpdatedTime}': expected a`,
    ),
  );

  it('has room for 256 metrics of 64 characters, and for not one more', () => {
    const full = metricsOf(256, 64);
    expect(read({ metrics: full }).metrics).toEqual(full);
    full[0].value += '1';
    expect(() => read({ metrics: full })).toThrow(
      'trainerStatus.metrics: expected at most 16384 characters of names and values together, got 16385',
    );
  });
});

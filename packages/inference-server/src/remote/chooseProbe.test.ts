import {
  chooseProbe,
  MOST_PROBES_IN_FLIGHT,
  paceOf,
  type Probe,
} from './chooseProbe';

const NOW_MILLIS = 1_000;

const probe = (dueMillis: number | undefined, isInFlight = false): Probe => ({
  dueMillis,
  isInFlight,
});
const choose = (probes: Probe[], nextStartMillis = 0) =>
  chooseProbe(probes, {
    mostInFlight: MOST_PROBES_IN_FLIGHT,
    nextStartMillis,
    nowMillis: NOW_MILLIS,
  });

it('asks for the one that waits longest, before that for one that never was', () => {
  const [late, later, fresh] = [probe(900), probe(950), probe(undefined)];
  expect(choose([later, late])).toEqual({ kind: 'ask', probe: late });
  expect(choose([later, late, fresh])).toEqual({ kind: 'ask', probe: fresh });
});

it('waits until one is due, and until another may begin', () => {
  expect(choose([probe(1_200), probe(1_100)])).toEqual({
    kind: 'wait',
    untilMillis: 1_100,
  });
  const untilMillis = NOW_MILLIS + 1;
  expect(choose([probe(undefined)], untilMillis)).toEqual({
    kind: 'wait',
    untilMillis,
  });
});

it('asks for no more at a time than it may', () => {
  const asked = Array.from({ length: MOST_PROBES_IN_FLIGHT }, () =>
    probe(0, true),
  );
  expect(choose([...asked, probe(undefined)])).toEqual({ kind: 'rest' });
  expect(choose([...asked.slice(1), probe(undefined)])).toMatchObject({
    kind: 'ask',
  });
});

it('has nothing to do while there is none, or all are being asked', () => {
  expect(choose([])).toEqual({ kind: 'rest' });
  expect(choose([probe(0, true)])).toEqual({ kind: 'rest' });
});

it('divides the pace among processes, of which each asks', () => {
  expect([1, 3, 64].map(paceOf)).toEqual([
    { gapMillis: 50, mostInFlight: 8 },
    { gapMillis: 150, mostInFlight: 2 },
    { gapMillis: 3_200, mostInFlight: 1 },
  ]);
});

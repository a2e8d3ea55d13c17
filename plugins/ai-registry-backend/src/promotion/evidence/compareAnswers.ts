/** What a version said of a row: a class, or a number; null for one that it could not be given. */
export type Answer = number | string | null;

/** How a version's answers to rows of today differ from those that callers got. */
export interface AnswerChanges {
  /** Rows that both answered. */
  rows: number;
  changed: number;
  /** 95 % confidence interval of the share that changes (Wilson). */
  interval: [number, number];
  /** Of classes: from which to which, the commonest first, at most 10. */
  moves: { from: string; to: string; rows: number }[];
  /** Of numbers: how far they move. */
  distance?: { mean: number; largest: number };
}

const MOST_MOVES = 10;
/** Numbers that are closer, in parts of the larger one, are the same: they are computed in single precision. */
const SAME_WITHIN = 1e-4;
const Z_OF_95_PERCENT = 1.959963984540054;

/**
 * @param before - what callers got
 * @param after - what another version says of the same rows
 * @returns undefined where no row was answered by both
 */
export function compareAnswers(
  before: readonly Answer[],
  after: readonly Answer[],
): AnswerChanges | undefined {
  const pairs = before.flatMap((from, row) => {
    const to = after[row] ?? null;
    return from === null || to === null ? [] : [{ from, to }];
  });
  if (pairs.length === 0) return undefined;
  const changes = pairs.filter(({ from, to }) => !isSame(from, to));
  const distances = pairs.flatMap(({ from, to }) =>
    typeof from === 'number' && typeof to === 'number'
      ? [Math.abs(to - from)]
      : [],
  );
  const areNumbers = distances.length === pairs.length;
  return {
    rows: pairs.length,
    changed: changes.length,
    interval: wilsonInterval(changes.length, pairs.length),
    moves: areNumbers ? [] : countMoves(changes),
    ...(areNumbers && {
      distance: {
        mean: distances.reduce((sum, each) => sum + each, 0) / pairs.length,
        largest: Math.max(...distances),
      },
    }),
  };
}

function isSame(
  from: Exclude<Answer, null>,
  to: Exclude<Answer, null>,
): boolean {
  if (typeof from === 'number' && typeof to === 'number') {
    const largest = Math.max(Math.abs(from), Math.abs(to));
    return Math.abs(from - to) <= largest * SAME_WITHIN;
  }
  // A class without a label is its number; one that has got a label is another answer to callers.
  return from === to;
}

function countMoves(
  changes: { from: string | number; to: string | number }[],
): AnswerChanges['moves'] {
  const counts = new Map<string, AnswerChanges['moves'][number]>();
  for (const { from, to } of changes) {
    const key = JSON.stringify([from, to]);
    const move = counts.get(key) ?? {
      from: String(from),
      to: String(to),
      rows: 0,
    };
    counts.set(key, { ...move, rows: move.rows + 1 });
  }
  return [...counts.values()]
    .sort((a, b) => b.rows - a.rows)
    .slice(0, MOST_MOVES);
}

/**
 * 95 % confidence interval of a share: Wilson, "Probable inference, the law of succession, and
 * statistical inference" (1927). Also right for none, for all, and for few.
 */
export function wilsonInterval(count: number, of: number): [number, number] {
  const share = count / of;
  const z2 = Z_OF_95_PERCENT ** 2;
  const centre = share + z2 / (2 * of);
  const spread =
    Z_OF_95_PERCENT *
    Math.sqrt((share * (1 - share)) / of + z2 / (4 * of * of));
  const scale = 1 + z2 / of;
  return [
    count === 0 ? 0 : (centre - spread) / scale,
    count === of ? 1 : (centre + spread) / scale,
  ];
}

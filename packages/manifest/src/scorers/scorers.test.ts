import type { PromptScorer } from '@greenroom/plugin-ai-registry-common';
import { toPromptRows } from './promptRows';
import { checkRowsFit, compileScorers } from './scorers';
import { TookTooLongError } from './withinMillis';

const scoreOf = (
  scorer: PromptScorer,
  answer: string,
  fields: { expected?: string; pattern?: string } = {},
) =>
  compileScorers([scorer], 'scorers')[0].score(answer, {
    row: 0,
    input: 'x',
    ...fields,
  });

describe('scorers', () => {
  it.each<[PromptScorer, string, object, number]>([
    [{ kind: 'exact' }, ' Paris\n', { expected: 'Paris' }, 1],
    [{ kind: 'exact' }, 'paris', { expected: 'Paris' }, 0],
    [{ kind: 'exact', ignoreCase: true }, 'PARIS', { expected: 'Paris' }, 1],
    [{ kind: 'exact' }, 'Paris.', { expected: 'Paris' }, 0],
    [{ kind: 'regex', pattern: '\\bParis\\b' }, 'It is Paris.', {}, 1],
    [{ kind: 'regex', pattern: '^paris$' }, 'Paris', {}, 0],
    [{ kind: 'regex', pattern: '^paris$', ignoreCase: true }, 'Paris', {}, 1],
    [{ kind: 'regex' }, 'Bern it is', { pattern: '^Bern' }, 1],
    [{ kind: 'regex', pattern: '^.$' }, '🙂', {}, 1],
    [
      { kind: 'json-schema', schema: { type: 'object', required: ['city'] } },
      '{"city": "Bern"}',
      {},
      1,
    ],
    [{ kind: 'json-schema', schema: { type: 'object' } }, 'no JSON', {}, 0],
    [{ kind: 'json-schema', schema: { type: 'object' } }, '[]', {}, 0],
  ])('%j of %j with %j is %d', (scorer, answer, fields, expected) => {
    expect(scoreOf(scorer, answer, fields)).toBe(expected);
  });

  it.each<[string, PromptScorer[], RegExp]>([
    [
      'two of one name',
      [{ kind: 'exact' }, { kind: 'regex', pattern: 'a', name: 'exact' }],
      /two scorers are called 'exact'/,
    ],
    [
      'no regular expression',
      [{ kind: 'regex', pattern: '(' }],
      /^scorers\.0\.pattern: expected a regular expression/,
    ],
    [
      'a long one',
      [{ kind: 'regex', pattern: 'a'.repeat(2_001) }],
      /^scorers\.0\.pattern has 2001 characters/,
    ],
    [
      'no schema',
      [{ kind: 'json-schema', schema: { type: 'thing' } }],
      /^scorers\.0\.schema: expected a JSON schema/,
    ],
    [
      'a word that schemas do not have',
      [{ kind: 'json-schema', schema: { requierd: ['a'] } }],
      /unknown keyword: "requierd"/,
    ],
    [
      'a reference to elsewhere',
      [{ kind: 'json-schema', schema: { $ref: 'https://example.com/s.json' } }],
      /without references to other documents/,
    ],
    [
      'a large schema',
      [{ kind: 'json-schema', schema: { title: 'x'.repeat(33_000) } }],
      /expected at most 32768/,
    ],
  ])('are not taken with %s', (_what, scorers, reason) => {
    expect(() => compileScorers(scorers, 'scorers')).toThrow(reason);
  });

  it('are ended when an answer lets them compute for ever', () => {
    const answer = `${'a'.repeat(60)}b`;
    expect(() =>
      scoreOf({ kind: 'regex', pattern: '^(a+)+$' }, answer),
    ).toThrow(TookTooLongError);
    const deep: PromptScorer = {
      kind: 'json-schema',
      schema: {
        properties: { a: { allOf: [{ $ref: '#' }, { $ref: '#' }] } },
      },
    };
    const nested = `${'{"a":'.repeat(60)}1${'}'.repeat(60)}`;
    expect(() => scoreOf(deep, nested)).toThrow(TookTooLongError);
    expect(
      scoreOf(
        { kind: 'json-schema', schema: { pattern: '^(a+)+$' } },
        '"aaab"',
      ),
    ).toBe(0);
  });

  it('judge again what a busy machine did not judge in time', () => {
    let slow = 0;
    const busy = jest.spyOn(RegExp.prototype, 'test').mockImplementation(() => {
      const endMillis = performance.now() + (slow++ % 2 === 0 ? 200 : 0);
      while (performance.now() < endMillis);
      return true;
    });
    const score = () => scoreOf({ kind: 'regex', pattern: 'a' }, 'a');
    try {
      expect([score(), score(), score()]).toEqual([1, 1, 1]);
    } finally {
      busy.mockRestore();
    }
    expect(slow).toBe(6);
  });

  it('give up on a whole run soon, however many answers take too long', () => {
    const [scorer] = compileScorers(
      [{ kind: 'regex', pattern: '^(a+)+$' }],
      'scorers',
    );
    const startedMillis = performance.now();
    for (let row = 0; row < 20; row++) {
      expect(() =>
        scorer.score(`${'a'.repeat(60)}b`, { row, input: 'x' }),
      ).toThrow(TookTooLongError);
    }
    expect(performance.now() - startedMillis).toBeLessThan(5_000);
  });

  it('are refused for rows that lack what they need', () => {
    const rows = toPromptRows(
      [{ input: 'a', expected: 'x' }, { input: 'b' }],
      'capitals 1',
    );
    expect(() => checkRowsFit([{ kind: 'exact' }], rows, 'capitals 1')).toThrow(
      "The scorer 'exact' needs the field 'expected' of each row, and row 2 of capitals 1 has none",
    );
    expect(() => checkRowsFit([{ kind: 'regex' }], rows, 'capitals 1')).toThrow(
      "needs the field 'pattern' of each row, and no row of capitals 1 has one",
    );
    expect(() =>
      checkRowsFit([{ kind: 'regex', pattern: 'a' }], rows, 'capitals 1'),
    ).not.toThrow();
  });
});

describe('toPromptRows', () => {
  it('reads texts, messages, and what CSV took for numbers', () => {
    const messages = [
      { role: 'system', content: 'Be short.' },
      { role: 'user', content: [{ type: 'text', text: 'hi' }] },
    ];
    expect(
      toPromptRows(
        [
          { input: 'a', expected: 42, other: 1 },
          { input: messages, pattern: '^x' },
        ],
        'set 1',
      ),
    ).toEqual([
      { row: 0, input: 'a', expected: '42' },
      { row: 1, input: messages, pattern: '^x' },
    ]);
  });

  it.each<[object, RegExp]>([
    [{}, /^Row 1 of set 1 has no input: expected a text, or messages/],
    [{ input: [] }, /^Row 1 of set 1: input: expected a text/],
    [{ input: [{ role: 'king', content: 'x' }] }, /input: expected a text/],
    [{ input: 'x'.repeat(262_144) }, /at most 262144 are asked/],
    [
      { input: 'a', expected: {} },
      /^Row 1 of set 1: expected: expected a text/,
    ],
    [
      { input: 'a', pattern: '[' },
      /^Row 1 of set 1: pattern: expected a regular expression/,
    ],
  ])('refuses %j', (row, reason) => {
    expect(() => toPromptRows([row], 'set 1')).toThrow(reason);
  });
});

import { CANARY, digest, IMMEDIATE } from './__testUtils__/examples';
import {
  type Manifest,
  type ManifestSpec,
  manifestPath,
  parseManifest,
  parseManifestPath,
  parseRolloutPlan,
  planOf,
  printManifest,
} from '.';

const place = { environment: 'production', model: 'digits' } as const;
const schemaUrl = 'https://portal/api/ai-registry/schemas/model.json';
const COMMENT = `# yaml-language-server: $schema=${schemaUrl}\n`;

const V1 = `# Ask the vision team first.
apiVersion: greenroom.dev/v1
kind: ModelDeployment
metadata: { name: digits, environment: production }
spec:
  version: 2 # the good one
  digest: ${digest('b')}
  rollout:
    strategy: canary
    # slowly
    steps:
      - weightPercent: 10 # a few
        holdSeconds: 60
      - weightPercent: 50
        holdSeconds: 60
  rollbackTo:
    version: 1
    digest: ${digest('a')}
`;

describe('manifest', () => {
  it('has a path that names the place', () => {
    const path = manifestPath(place);
    expect(path).toBe('environments/production/models/digits.yaml');
    expect(parseManifestPath(path)).toEqual(place);
    expect(parseManifestPath('environments/dev/models/.gitkeep')).toBe(
      undefined,
    );
    expect(parseManifestPath('README.md')).toBeUndefined();
  });

  it('names the first of many faults, and says how many more there are', () => {
    const keys = Array.from({ length: 5_000 }, (_, key) => `  k${key}: 1\n`);
    const text = `${printManifest(IMMEDIATE)}${keys.join('')}`;
    const read = () => parseManifest(text, place);
    expect(read).toThrow(/: spec\.k0: there is no such field/);
    expect(read).toThrow(/; and 4980 more$/);
  });

  it('reads what it prints', () => {
    const text = printManifest(CANARY, { schemaUrl });
    expect(parseManifest(text, place)).toEqual(CANARY);
    expect(text).toMatchInlineSnapshot(`
      "# yaml-language-server: $schema=https://portal/api/ai-registry/schemas/model.json
      apiVersion: greenroom.dev/v2
      kind: ModelDeployment
      metadata:
        name: digits
        environment: production
      spec:
        version: 2
        digest: sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb
        rollout:
          strategy: canary
          steps:
            - weightPercent: 10
              holdSeconds: 60
            - weightPercent: 50
              holdSeconds: 60
        rollbackTo:
          version: 1
          digest: sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
      "
    `);
    const immediate = printManifest(IMMEDIATE);
    expect(parseManifest(immediate, place)).toEqual(IMMEDIATE);
    expect(immediate).toContain('rollout:\n    strategy: immediate\n');
  });

  it('changes only what differs, and keeps comments', () => {
    const earlierText = printManifest(CANARY)
      .replace('spec:', '# Ask the vision team first.\nspec:')
      .replace('version: 2', 'version: 2 # the good one')
      .replace('- weightPercent: 10', '- weightPercent: 10 # canary');
    const next: Manifest = {
      ...CANARY,
      spec: { ...CANARY.spec, version: 3, rollbackTo: undefined },
    };
    const text = printManifest(next, { earlierText, schemaUrl });
    expect(text).toBe(
      earlierText
        .replace('version: 2', 'version: 3')
        .replace(/ {2}rollbackTo:[^]*$/, ''),
    );
    const { rollbackTo, ...spec } = next.spec;
    expect(parseManifest(text, place)).toEqual({ ...next, spec });
  });

  it.each(['', '- a\n- b\n', 'a: [unclosed', 'just words'])(
    'starts afresh from an unusable text: %j',
    earlierText => {
      expect(printManifest(CANARY, { earlierText, schemaUrl })).toBe(
        printManifest(CANARY, { schemaUrl }),
      );
    },
  );

  it('drops fields that a manifest does not have', () => {
    const earlierText = `${printManifest(CANARY)}  extra: 1\nmore: 2\n`;
    expect(printManifest(CANARY, { earlierText })).toBe(printManifest(CANARY));
  });

  it('names its schema once: in a new file, and as somebody wrote it', () => {
    const fresh = printManifest(CANARY, { schemaUrl });
    expect(fresh.startsWith(COMMENT)).toBe(true);
    expect(printManifest(CANARY, { earlierText: fresh, schemaUrl })).toBe(
      fresh,
    );
    const elsewhere = V1.replace(
      '# Ask',
      '# yaml-language-server: $schema=./mine.json\n# Ask',
    );
    const text = printManifest(CANARY, { earlierText: elsewhere, schemaUrl });
    expect(text.match(/yaml-language-server/g)).toHaveLength(1);
    expect(text).toContain('./mine.json');
  });

  it.each([
    [/version: 2/, 'version: two', 'spec.version: '],
    [/version: 2/, 'version: 0', 'spec.version: '],
    [/version: 2/, 'version: 1.5', 'spec.version: '],
    [/ {2}digest: .*/, '  digest: abc', 'spec.digest: expected sha256:'],
    [/canary/, 'bold', 'spec.rollout.strategy: expected a strategy that is'],
    [/canary/, 'immediate', 'spec.rollout.steps: there is no such field'],
    [/weightPercent: 50/, 'weightPercent: 5', 'spec.rollout.steps: expected w'],
    [/weightPercent: 50/, 'weightPercent: 500', 'spec.rollout.steps.1.weight'],
    [/holdSeconds: 60/, 'holdSeconds: -1', 'spec.rollout.steps.0.holdSeconds'],
    [/holdSeconds: 60/, 'holdSeconds: 0.5', 'spec.rollout.steps.0.holdSeconds'],
    [/ {4}steps:[^]*/, '    steps: []', 'steps: expected at least one step'],
    [/name: digits/, 'name: other', "metadata.name: expected 'digits'"],
    [/: production/, ': dev', "metadata.environment: expected 'production'"],
    [/: production/, ': moon', 'metadata.environment: '],
    [/kind: .*/, 'kind: Pod', 'kind: '],
    [/kind: .*/, 'kind: ModelDeployment\nspecs: 1', 'specs: there is no such'],
    [/kind: .*/, 'kind: [', 'not valid YAML'],
    [/kind: .*/, String.raw`kind: "a\ud800"`, 'one half of a character'],
    [/[^]*/, '', 'digits.yaml: '],
    [
      /\/v2/,
      '/v3',
      "apiVersion: expected one of greenroom.dev/v2, greenroom.dev/v1, got 'greenroom.dev/v3'",
    ],
    [/apiVersion.*/, '', 'greenroom.dev/v1, got nothing'],
    [/$/, `# ${'x'.repeat(70_000)}`, 'at most 65536 bytes'],
  ])('refuses %s -> %s', (pattern, replacement, message) => {
    const text = printManifest(CANARY).replace(pattern, replacement);
    expect(() => parseManifest(text, place)).toThrow(message);
  });

  it.each<[NonNullable<ManifestSpec['languageModel']>, string]>([
    [
      { fallbacks: [{ model: 'digits', when: ['unavailable'] }] },
      "spec.languageModel.fallbacks.0.model: 'digits' is the model itself",
    ],
    [
      {
        fallbacks: [
          { model: 'a', when: ['unavailable'] },
          { model: 'a', when: ['timed-out'] },
        ],
      },
      "spec.languageModel.fallbacks.1.model: 'a' is named before",
    ],
    [
      { aliases: ['a', 'a'] },
      "spec.languageModel.aliases.1: 'a' is named before",
    ],
  ])('refuses of a language model %j', (languageModel, message) => {
    const text = printManifest({
      ...CANARY,
      spec: { ...CANARY.spec, languageModel },
    });
    expect(() => parseManifest(text, place)).toThrow(message);
  });

  it('refuses a rollout plan with the place of the mistake', () => {
    const parse = (steps: object[]) =>
      parseRolloutPlan({ strategy: 'canary', steps }, 'rollout');
    expect(() => parse([])).toThrow(
      'rollout: steps: expected at least one step for a canary',
    );
    expect(() => parse([{ weightPercent: 10, holdSeconds: 0.5 }])).toThrow(
      'rollout: steps.0.holdSeconds: ',
    );
    const plan = { strategy: 'immediate', steps: [] };
    expect(parseRolloutPlan(plan, 'rollout')).toEqual(plan);
  });
});

describe('a manifest of the first version', () => {
  it('is read as one of today', () => {
    expect(parseManifest(V1, place)).toEqual(CANARY);
  });

  it.each([
    ['strategy: immediate', { strategy: 'immediate', steps: [] }],
    [
      'strategy: immediate\n    steps: []',
      { strategy: 'immediate', steps: [] },
    ],
    [
      'strategy: canary\n    steps: [{ weightPercent: 5, holdSeconds: 0.5 }]',
      { strategy: 'canary', steps: [{ weightPercent: 5, holdSeconds: 1 }] },
    ],
  ])('has its plan understood: %s', (rollout, plan) => {
    const text = V1.replace(
      /strategy: canary[^]*(?= {2}rollbackTo)/,
      `${rollout}\n`,
    );
    expect(planOf(parseManifest(text, place).spec.rollout)).toEqual(plan);
  });

  it.each([
    [/canary/, 'immediate', 'spec.rollout.steps: expected no steps'],
    [/canary/, 'shadow', 'spec.rollout.strategy: '],
    [/ {2}rollbackTo:/, '  outcomes:', 'spec.outcomes: there is no such field'],
    [/weightPercent: 50/, 'weightPercent: 500', 'spec.rollout.steps.1.weight'],
  ])('has its own fields only: %s -> %s', (pattern, replacement, message) => {
    const text = V1.replace(pattern, replacement);
    expect(() => parseManifest(text, place)).toThrow(message);
  });

  it('becomes one of today where it is edited, with its comments', () => {
    const next = { ...CANARY, spec: { ...CANARY.spec, version: 3 } };
    expect(printManifest(next, { earlierText: V1, schemaUrl })).toBe(
      COMMENT +
        V1.replace('/v1', '/v2').replace('version: 2 #', 'version: 3 #'),
    );
  });

  it('loses the empty list of steps', () => {
    const earlierText = V1.replace(
      /canary[^]*(?= {2}rollbackTo)/,
      'immediate\n    steps: []\n',
    );
    const manifest = parseManifest(earlierText, place);
    const text = printManifest(manifest, { earlierText });
    expect(text).toContain('rollout:\n    strategy: immediate\n  rollbackTo');
    expect(parseManifest(text, place)).toEqual(manifest);
  });
});

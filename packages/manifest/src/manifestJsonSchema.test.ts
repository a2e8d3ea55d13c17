import { resolvePackagePath } from '@backstage/backend-plugin-api';
import Ajv from 'ajv';
import fc from 'fast-check';
import { readFile, writeFile } from 'node:fs/promises';
import { EXAMPLES } from './__testUtils__/examples';
import { manifestJsonSchema } from './manifestJsonSchema';
import { manifestSchema } from './manifestV2';

const FILE = resolvePackagePath(
  '@greenroom/plugin-ai-registry-common',
  'schema/model-deployment.v2.schema.json',
);
/** Set to write the file anew. */
const WRITE = 'GREENROOM_WRITE_SCHEMA';

const validate = new Ajv({ strict: true }).compile(manifestJsonSchema());

/** What a schema of fields can see; that fields fit each other it cannot. */
function hasStructure(value: unknown): boolean {
  const { error } = manifestSchema.safeParse(value);
  return (error?.issues ?? []).every(({ code }) => code === 'custom');
}

type Path = (string | number)[];

/** Every place in a value, the outermost first. */
function pathsOf(value: unknown, above: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [above];
  const entries: [string | number, unknown][] = Array.isArray(value)
    ? value.map((item, index) => [index, item])
    : Object.entries(value);
  return [
    above,
    ...entries.flatMap(([key, inner]) => pathsOf(inner, [...above, key])),
  ];
}

/** The value with something else at a place; undefined takes it away. */
function withAt(value: unknown, [key, ...rest]: Path, other: unknown): unknown {
  if (key === undefined) return other;
  if (Array.isArray(value)) {
    return value.flatMap((item, index) => {
      if (index !== key) return [item];
      const inner = withAt(item, rest, other);
      return inner === undefined ? [] : [inner];
    });
  }
  const { [key]: before, ...others } = value as Record<string, unknown>;
  const inner = withAt(before, rest, other);
  return inner === undefined ? others : { ...others, [key]: inner };
}

const examples = Object.values(EXAMPLES);
const somewhere = fc
  .constantFrom(...examples)
  .chain(example =>
    fc.tuple(fc.constant(example), fc.constantFrom(...pathsOf(example))),
  );
const something = fc.oneof(
  fc.constant(undefined),
  fc.constantFrom(0, 1, -1, 0.5, 100, 101, 1e13, 2 ** 31, '', 'on', true, null),
  fc.constantFrom([], {}, [1], { weightPercent: 5, holdSeconds: 1 }),
  fc.constantFrom({ pauseSeconds: 1 }, { strategy: 'immediate' }),
  fc
    .constantFrom(...examples)
    .chain(example =>
      fc.constantFrom(
        ...pathsOf(example).map(path =>
          path.reduce<unknown>(
            (at, key) => (at as Record<string, unknown>)[key],
            example,
          ),
        ),
      ),
    ),
);

describe('the JSON schema of manifests', () => {
  it(`is the file that editors and other programs get (${WRITE}=1 writes it)`, async () => {
    const text = `${JSON.stringify(manifestJsonSchema(), undefined, 2)}\n`;
    if (process.env[WRITE]) await writeFile(FILE, text);
    expect(await readFile(FILE, 'utf8')).toBe(text);
  });

  it('describes each field', () => {
    const undescribed: string[] = [];
    const look = (schema: Record<string, any>, at: string) => {
      for (const [name, field] of Object.entries<Record<string, any>>(
        schema.properties ?? {},
      )) {
        if (!field.description) undescribed.push(`${at}.${name}`);
        look(field, `${at}.${name}`);
      }
      [schema.items ?? {}, ...(schema.anyOf ?? schema.oneOf ?? [])].forEach(
        inner => Object.keys(inner).length > 0 && look(inner, at),
      );
    };
    look(manifestJsonSchema(), '');
    expect(undescribed).toEqual([]);
  });

  it.each(Object.entries(EXAMPLES))('takes what we take: %s', (_, example) => {
    expect(manifestSchema.parse(example)).toEqual(example);
    validate(example);
    expect(validate.errors).toBeNull();
  });

  it('takes and refuses the same as we do, wherever a manifest is changed', () => {
    fc.assert(
      fc.property(somewhere, something, ([example, path], other) => {
        const changed = withAt(example, path, other);
        if (changed === undefined) return;
        expect({ changed, takes: validate(changed) }).toEqual({
          changed,
          takes: hasStructure(changed),
        });
      }),
      { numRuns: 3_000 },
    );
  });

  it('takes and refuses the same as we do, whatever field is added', () => {
    fc.assert(
      fc.property(
        somewhere,
        fc.constantFrom('steps', 'strategy', 'mode', 'note'),
        something,
        ([example, path], name, other) => {
          const inner = path.reduce<unknown>(
            (at, key) => (at as Record<string, unknown>)[key],
            example,
          );
          if (typeof inner !== 'object' || Array.isArray(inner)) return;
          const changed = withAt(example, path, {
            ...inner,
            [name]: other ?? 1,
          });
          expect({ changed, takes: validate(changed) }).toEqual({
            changed,
            takes: hasStructure(changed),
          });
        },
      ),
      { numRuns: 1_000 },
    );
  });

  it.each([
    [
      'shares beyond 100',
      'experiment',
      ['spec', 'rollout', 'control', 'sharePercent'],
      90,
      "expected shares that are 100 percent together with the control's, got 156.6",
    ],
    [
      'a metric that is not in the plan',
      'adaptive',
      ['spec', 'rollout', 'metric'],
      'other',
      "expected the name of a metric under spec.analysis.metrics, got 'other'",
    ],
    [
      'an experiment without the version',
      'experiment',
      ['spec', 'version'],
      7,
      'expected version 7 with its digest among the variants',
    ],
    [
      'two metrics of a name',
      'shadow',
      ['spec', 'analysis', 'metrics'],
      [1, 2].map(() => examples[2].spec.analysis!.metrics[0]),
      "expected names that differ, got 'conversion' twice",
    ],
    [
      'fewest above most',
      'everything else',
      ['spec', 'replicas', 'min'],
      9,
      'expected at most max, which is 3',
    ],
    [
      'a number of no flavor',
      'everything else',
      ['spec', 'resources', 'flavor'],
      undefined,
      'expected a flavor beside it',
    ],
  ] as [string, string, Path, unknown, string][])(
    'leaves to us that fields fit each other: %s',
    (_, name, path, other, message) => {
      const changed = withAt(EXAMPLES[name], path, other);
      expect(validate(changed)).toBe(true);
      const { error } = manifestSchema.safeParse(changed);
      expect(error?.issues.map(issue => issue.message)).toEqual([message]);
    },
  );
});

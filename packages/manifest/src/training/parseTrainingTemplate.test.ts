import { resolvePackagePath } from '@backstage/backend-plugin-api';
import { readFile, writeFile } from 'node:fs/promises';
import { problemWithValue } from '@greenroom/plugin-ai-training-common';
import {
  parseTrainingTemplate,
  trainingTemplateJsonSchema,
} from './parseTrainingTemplate';

/** Written anew where GREENROOM_WRITE_SCHEMA is set. */
const FILE = resolvePackagePath(
  '@greenroom/plugin-ai-training-common',
  'schema/training-template.v1.schema.json',
);

const TEMPLATE = `
apiVersion: greenroom.dev/v1
kind: TrainingTemplate
metadata:
  name: digits
spec:
  owner: group:default/vision
  experiment: digits
  model: digits
  program:
    command: [python, train.py, --trees, '{{ trees }}']
    pythonLock: requirements.lock
  parameters:
    - { name: trees, type: integer, default: 100, minimum: 1, maximum: 1000 }
  datasets:
    - { name: rows, dataset: digits-train }
  resources: { memory: 2Gi, cpu: 1 }
`;

const parse = (text: string) => parseTrainingTemplate(text, 'train.yaml');

it('reads a template, and fills in what is left out', () => {
  expect(parse(TEMPLATE)).toEqual({
    name: 'digits',
    title: 'digits',
    owner: 'group:default/vision',
    experiment: 'digits',
    model: 'digits',
    program: {
      command: ['python', 'train.py', '--trees', '{{ trees }}'],
      pythonLock: 'requirements.lock',
    },
    parameters: [
      {
        name: 'trees',
        type: 'integer',
        default: 100,
        minimum: 1,
        maximum: 1000,
      },
    ],
    datasets: [{ name: 'rows', dataset: 'digits-train' }],
    resources: { memory: '2Gi', cpu: '1', count: 1, nodes: 1 },
    priority: 'normal',
    deadlineMinutes: 1440,
    retries: 2,
    checkpoints: false,
  });
});

it.each([
  [
    'default: 100',
    'default: 0',
    'line 14: spec.parameters.0.default: expected at least 1, got 0',
  ],
  ['default: 100', 'default: 1.5', 'expected a whole number, got 1.5'],
  ['type: integer', 'type: string', 'expected none: only numbers have bounds'],
  [
    '{{ trees }}',
    '{{ leaves }}',
    "line 11: spec.program.command.3: there is no parameter 'leaves'",
  ],
  [
    '  model: digits',
    '  models: digits',
    'spec.models: there is no such field',
  ],
  ['requirements.lock', '../secrets', 'expected a path below the folder'],
  [
    'group:default/vision',
    'vision',
    'line 7: spec.owner: expected an entity ref',
  ],
  [
    'memory: 2Gi',
    'memory: plenty',
    'spec.resources.memory: expected a quantity',
  ],
  [
    'memory: 2Gi',
    'memory: 300',
    'train.yaml: line 17: spec.resources.memory: expected at least 16Mi, got 300 bytes',
  ],
  [
    '  owner: group:default/vision\n',
    '',
    'train.yaml: line 6: spec.owner: it is missing: expected a string',
  ],
  ['kind: TrainingTemplate', 'kind: {', 'not valid YAML'],
  ['name: digits', String.raw`title: "a\ud800"`, 'one half of a character'],
  ['name: digits', String.raw`"a\0": digits`, 'a zero character'],
])('instead of %s it refuses %s', (right, wrong, message) => {
  expect(() => parse(TEMPLATE.replace(right, wrong))).toThrow(message);
});

it('tells the line of a fault apart from what is wrong', () => {
  const wrong = TEMPLATE.replace('memory: 2Gi', 'memory: plenty');
  expect(() => parse(wrong)).toThrow(
    expect.objectContaining({
      faults: [
        expect.objectContaining({
          line: 17,
          message: expect.stringMatching(/^spec\.resources\.memory: /),
        }),
      ],
    }),
  );
});

it('refuses two parameters of one name', () => {
  const twice = TEMPLATE.replace(
    '  datasets:',
    '    - { name: trees, type: string }\n  datasets:',
  );
  expect(() => parse(twice)).toThrow(
    "spec.parameters.1.name: 'trees' is named before",
  );
});

it('refuses a file that is larger than any template', () => {
  expect(() => parse(`${TEMPLATE}#${' '.repeat(64 * 1024)}`)).toThrow(
    'expected at most 65536 bytes',
  );
});

it.each([
  [{ type: 'number' } as const, NaN, 'expected a number, got null'],
  [{ type: 'boolean' } as const, 'true', 'expected true or false, got "true"'],
  [
    { type: 'string', choices: ['a', 'b'] } as const,
    'c',
    'expected one of a, b, got "c"',
  ],
  [
    { type: 'integer' } as const,
    undefined,
    'expected a whole number, got nothing',
  ],
])('of %j %j is no value', (parameter, value, message) => {
  expect(
    problemWithValue(
      {
        ...parameter,
        choices: 'choices' in parameter ? [...parameter.choices] : undefined,
      },
      value,
    ),
  ).toBe(message);
});

it('has published its schema', async () => {
  const text = `${JSON.stringify(trainingTemplateJsonSchema(), null, 2)}\n`;
  if (process.env.GREENROOM_WRITE_SCHEMA) await writeFile(FILE, text);
  expect(JSON.parse(await readFile(FILE, 'utf8'))).toEqual(JSON.parse(text));
});

it('has a schema for editors in which each field is explained', () => {
  const schema = trainingTemplateJsonSchema();
  expect(schema).toMatchObject({
    $id: 'https://greenroom.dev/schemas/training-template.v1.json',
    required: ['apiVersion', 'kind', 'metadata', 'spec'],
  });
  expect(undescribed(schema, '')).toEqual([]);
});

/** Paths of fields that say nothing about themselves. */
function undescribed(schema: any, path: string): string[] {
  const here = Object.entries<any>(schema.properties ?? {}).flatMap(
    ([name, field]) => [
      ...(field.description ? [] : [`${path}.${name}`]),
      ...undescribed(field, `${path}.${name}`),
    ],
  );
  return schema.items ? [...here, ...undescribed(schema.items, path)] : here;
}

import { lineOfField } from './lineOfField';
import { findVersionFaults, ManifestError, readManifestFile } from '.';

const path = 'environments/production/models/digits.yaml';
const TEXT = `# why
apiVersion: greenroom.dev/v2
kind: ModelDeployment
metadata:
  name: digits
  environment: production
spec:
  version: 2
  digest: sha256:${'b'.repeat(64)}
  rollout:
    strategy: canary
    steps:
      - { weightPercent: 10, holdSeconds: 60 }
      - { weightPercent: 50, holdSeconds: 60 }
`;

const read = (content: string, at = path, environments?: string[]) =>
  readManifestFile(
    { path: at, content, sizeBytes: content.length },
    environments,
  );

function faultsOf(...args: Parameters<typeof read>) {
  try {
    read(...args);
  } catch (error) {
    if (error instanceof ManifestError) return error.faults;
    throw error;
  }
  throw new Error('expected a ManifestError');
}

describe('readManifestFile', () => {
  it('reads what is right, in environments of any name unless they are known', () => {
    expect(read(TEXT).spec.version).toBe(2);
    expect(read(TEXT, path, ['production']).spec.version).toBe(2);
    expect(faultsOf(TEXT, path, ['dev'])).toEqual([
      { message: 'expected one of the environments dev' },
    ]);
  });

  it.each([
    ['version: 2', 'version: two', 8, /spec.version/],
    ['  digest:', '  digset:', 9, /spec.digset: there is no such field/],
    ['weightPercent: 10', 'weightPercent: 70', 12, /weights that grow/],
    [
      'holdSeconds: 60 }\n      - { weightPercent: 50',
      'holdSeconds: 60 }\n      - { weightPercent: 500',
      14,
      /spec.rollout.steps.1/,
    ],
    ['name: digits', 'name: cats', 5, /metadata.name: expected 'digits'/],
    ['environment: production', 'environment: dev', 6, /metadata.environment/],
    ['greenroom.dev/v2', 'greenroom.dev/v9', 2, /apiVersion: expected one of/],
    ['metadata:\n', 'metadata: [\n', 5, /not valid YAML/],
    [
      '  rollout:',
      '  replicas: { min: 1, max: 1 }\n  rollout:',
      10,
      /does not act on it/,
    ],
  ])('says on which line %j is wrong as %j', (right, wrong, line, message) => {
    const faults = faultsOf(TEXT.replace(right, wrong));
    expect(faults.map(fault => [fault.line, fault.message])).toContainEqual([
      line,
      expect.stringMatching(message),
    ]);
  });

  it('names all faults, those of missing fields at what lacks them', () => {
    const faults = faultsOf(
      TEXT.replace(/ {2}digest:.*\n/, '').replace('version: 2', 'version: 0'),
    );
    expect(faults).toHaveLength(2);
    expect(faults.map(({ line }) => line).sort()).toEqual([7, 8]);
  });

  it.each([
    'environments/production/digits.yaml',
    'environments/production/models/digits.yml',
    'environments/production/models/more/digits.yaml',
    'environments/digits.yaml',
  ])('refuses %s, where no manifest belongs', at => {
    expect(faultsOf(TEXT, at)[0].message).toMatch(/expected manifests at/);
  });
});

it('finds versions that are not registered, and digests that are others', () => {
  const manifest = read(TEXT);
  const digest = `sha256:${'b'.repeat(64)}`;
  expect(findVersionFaults(manifest, new Map([['digits/2', digest]]))).toEqual(
    [],
  );
  const [missing] = findVersionFaults(manifest, new Map());
  expect(missing.message).toMatch(/no version 2 of 'digits'/);
  expect(lineOfField(TEXT, missing.field!)).toBe(8);
  const [other] = findVersionFaults(manifest, new Map([['digits/2', 'x']]));
  expect(lineOfField(TEXT, other.field!)).toBe(9);
});

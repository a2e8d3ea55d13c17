import type { DeploymentManifest } from '@greenroom/plugin-ai-registry-common';
import {
  manifestPath,
  parseManifest,
  parseManifestPath,
  parseRolloutPlan,
  printManifest,
} from './manifest';

const place = { environment: 'production', model: 'digits' } as const;
const digest = (letter: string) => `sha256:${letter.repeat(64)}`;

const manifest: DeploymentManifest = {
  apiVersion: 'greenroom.dev/v1',
  kind: 'ModelDeployment',
  metadata: { name: 'digits', environment: 'production' },
  spec: {
    version: 2,
    digest: digest('b'),
    rollout: {
      strategy: 'canary',
      steps: [
        { weightPercent: 10, holdSeconds: 60 },
        { weightPercent: 50, holdSeconds: 60 },
      ],
    },
    rollbackTo: { version: 1, digest: digest('a') },
  },
};

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

  it('reads what it prints', () => {
    const text = printManifest(manifest);
    expect(parseManifest(text, place)).toEqual(manifest);
    expect(text).toMatchInlineSnapshot(`
      "apiVersion: greenroom.dev/v1
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
  });

  it('changes only what differs, and keeps comments', () => {
    const earlier = printManifest(manifest)
      .replace('spec:', '# Ask the vision team first.\nspec:')
      .replace('version: 2', 'version: 2 # the good one')
      .replace('- weightPercent: 10', '- weightPercent: 10 # canary');
    const next: DeploymentManifest = {
      ...manifest,
      spec: { ...manifest.spec, version: 3, rollbackTo: undefined },
    };
    const text = printManifest(next, earlier);
    expect(text).toBe(
      earlier
        .replace('version: 2', 'version: 3')
        .replace(/ {2}rollbackTo:[^]*$/, ''),
    );
    const { rollbackTo, ...spec } = next.spec;
    expect(parseManifest(text, place)).toEqual({ ...next, spec });
  });

  it.each(['', '- a\n- b\n', 'a: [unclosed', 'just words'])(
    'starts afresh from an unusable text: %j',
    earlier => {
      expect(printManifest(manifest, earlier)).toBe(printManifest(manifest));
    },
  );

  it('drops fields that a manifest does not have', () => {
    const earlier = `${printManifest(manifest)}  extra: 1\nmore: 2\n`;
    expect(printManifest(manifest, earlier)).toBe(printManifest(manifest));
  });

  it('needs no steps for an immediate rollout', () => {
    const text = printManifest(manifest).replace(
      / {2}rollout:[^]*? {2}rollbackTo:/,
      '  rollout:\n      strategy: immediate\n  rollbackTo:',
    );
    expect(parseManifest(text, place).spec.rollout).toEqual({
      strategy: 'immediate',
      steps: [],
    });
    expect(() =>
      parseManifest(text.replace('immediate', 'canary'), place),
    ).toThrow('spec.rollout.steps: expected at least one step');
  });

  it.each([
    [/version: 2/, 'version: two', 'spec.version: '],
    [/version: 2/, 'version: 0', 'spec.version: '],
    [/version: 2/, 'version: 1.5', 'spec.version: '],
    [/ {2}digest: .*/, '  digest: abc', 'spec.digest: expected sha256:'],
    [/canary/, 'bold', 'spec.rollout.strategy: '],
    [/weightPercent: 50/, 'weightPercent: 5', 'spec.rollout.steps: expected w'],
    [/weightPercent: 50/, 'weightPercent: 500', 'spec.rollout.steps.1.weight'],
    [/holdSeconds: 60/, 'holdSeconds: -1', 'spec.rollout.steps.0.holdSeconds'],
    [/canary/, 'immediate', 'spec.rollout.steps: expected no steps'],
    [/name: digits/, 'name: other', "metadata.name: expected 'digits'"],
    [/: production/, ': dev', "metadata.environment: expected 'production'"],
    [/: production/, ': moon', 'metadata.environment: '],
    [/kind: .*/, 'kind: Pod', 'kind: '],
    [/kind: .*/, 'kind: ModelDeployment\nspecs: 1', 'specs'],
    [/kind: .*/, 'kind: [', 'not valid YAML'],
    [/[^]*/, '', 'digits.yaml: '],
    [/$/, `# ${'x'.repeat(70_000)}`, 'at most 65536 bytes'],
  ])('refuses %s -> %s', (pattern, replacement, message) => {
    const text = printManifest(manifest).replace(pattern, replacement);
    expect(() => parseManifest(text, place)).toThrow(message);
  });

  it('refuses a rollout plan with the place of the mistake', () => {
    expect(() =>
      parseRolloutPlan({ strategy: 'canary', steps: [] }, 'rollout'),
    ).toThrow('rollout: steps: expected at least one step for a canary');
    const plan = { strategy: 'immediate', steps: [] };
    expect(parseRolloutPlan(plan, 'rollout')).toEqual(plan);
  });
});

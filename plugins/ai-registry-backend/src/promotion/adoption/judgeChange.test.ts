import { manifestPath, printManifest } from '@greenroom/manifest';
import { judgeChange } from './judgeChange';

const ENVIRONMENTS = ['staging', 'production'];
const manifest = (
  version: number,
  options: { environment?: string; model?: string; holdSeconds?: number } = {},
) => {
  const { environment = 'production', model = 'digits' } = options;
  return {
    path: manifestPath({ environment, model }),
    text: printManifest({
      apiVersion: 'greenroom.dev/v2',
      kind: 'ModelDeployment',
      metadata: { name: model, environment },
      spec: {
        version,
        digest: `sha256:${String(version).repeat(64)}`,
        rollout: {
          strategy: 'canary',
          steps: [
            { weightPercent: 10, holdSeconds: options.holdSeconds ?? 60 },
          ],
        },
      },
    }),
  };
};
const changed = (
  before: ReturnType<typeof manifest> | undefined,
  after: ReturnType<typeof manifest>,
) => ({ path: after.path, before: before?.text, after: after.text });
const judge = (...files: Parameters<typeof judgeChange>[0]) =>
  judgeChange(files, ENVIRONMENTS);

describe('judgeChange', () => {
  it('takes another version in one manifest for a promotion, also of a new model', () => {
    for (const before of [manifest(1), undefined]) {
      expect(judge(changed(before, manifest(2)))).toMatchObject({
        kind: 'promotion',
        path: 'environments/production/models/digits.yaml',
        manifest: { spec: { version: 2 } },
      });
    }
  });

  it('has nothing to look at where no version changes', () => {
    expect(judge({ path: 'README.md', before: 'a', after: 'b' })).toMatchObject(
      { kind: 'nothing', summary: 'It changes no manifest.' },
    );
    const settings = changed(manifest(1), manifest(1, { holdSeconds: 90 }));
    const more = manifest(1, { model: 'other' });
    expect(
      judge(
        settings,
        changed(more, manifest(1, { model: 'other', holdSeconds: 9 })),
      ),
    ).toMatchObject({ kind: 'nothing' });
    const { path, text } = manifest(1);
    expect(judge({ path, before: text, after: undefined })).toMatchObject({
      kind: 'nothing',
    });
  });

  it('looks at one version at a time, and at nothing beside it', () => {
    const one = changed(manifest(1), manifest(2));
    const other = manifest(1, { environment: 'staging' });
    for (const second of [
      changed(other, manifest(2, { environment: 'staging' })),
      { path: 'README.md', before: 'a', after: 'b' },
    ]) {
      expect(judge(one, second)).toMatchObject({
        kind: 'refused',
        title: 'One change request promotes one version',
        summary: expect.stringContaining('1 other file besides'),
      });
    }
  });

  it('says on which line a manifest is wrong', () => {
    const { path, text } = manifest(2);
    const after = text.replace('version: 2', 'version: two');
    expect(judge({ path, before: text, after })).toMatchObject({
      kind: 'refused',
      title: 'A manifest cannot be applied',
      faults: [
        {
          path,
          line: after.split('\n').findIndex(l => l.includes('two')) + 1,
          message: expect.stringContaining('spec.version'),
        },
      ],
    });
  });

  it('refuses what stands in the folder of no environment', () => {
    const { text } = manifest(2);
    expect(
      judge({
        path: 'environments/prod/models/digits.yaml',
        before: undefined,
        after: text,
      }),
    ).toMatchObject({
      kind: 'refused',
      summary: expect.stringContaining('staging, production'),
    });
  });

  it('takes what repairs a broken manifest for a promotion', () => {
    const { path, text } = manifest(2);
    expect(judge({ path, before: 'nonsense: [', after: text })).toMatchObject({
      kind: 'promotion',
    });
  });
});

import type { ModelVersionDetail } from '@greenroom/plugin-ai-registry-common';
import { describeChange, describeConsumers } from './describeChange';
import { MOST_CONSUMERS } from './evidence/Consumers';

const version = (
  number: number,
  changes: Partial<ModelVersionDetail> = {},
): ModelVersionDetail => ({
  model: 'digits',
  version: number,
  description: '',
  format: 'onnx',
  digest: `sha256:${String(number).repeat(64)}`,
  sizeBytes: 410_300,
  servability: {
    state: 'servable',
    triedAt: '',
    runtime: '',
    loadMillis: 1,
    warmUpMillis: 1,
    peakMemoryBytes: 1,
    latencyMicros: { runs: 200, p50: 100, p95: 420 },
  },
  tags: {},
  source: {},
  aliases: [],
  createdAt: '2026-05-03T08:00:00.000Z',
  createdBy: 'user:default/ada',
  ...changes,
});

describe('describeChange', () => {
  it('holds what runs against what will, without what neither has', () => {
    const text = describeChange({
      candidate: version(2, {
        source: { commit: 'abc', run: 'r|1' },
        tags: { license: 'MIT' },
      }),
      running: version(1, { sizeBytes: 1_234_000_000 }),
    });
    expect(text).toContain('| | version 1 (running) | version 2 |');
    expect(text).toContain('| size | 1.23 GB | 410 kB |');
    expect(text).toContain('| one row, p95 | 0.42 ms | 0.42 ms |');
    expect(text).toContain('| commit |  | abc |');
    expect(text).toContain('| training run |  | r\\|1 |');
    expect(text).toContain('| licence |  | MIT |');
    expect(text).not.toContain('repository');
  });

  it('leads to the page with the ML-BOM, where the portal has an address', () => {
    const candidate = version(2);
    expect(describeChange({ candidate })).not.toContain('ML-BOM');
    expect(
      describeChange({
        candidate,
        versionUrl: 'https://portal.example.com/ml/models/digits/versions/2',
      }),
    ).toContain(
      'The [page of version 2](https://portal.example.com/ml/models/digits/versions/2) has its files, its ML-BOM (CycloneDX) and its signature.',
    );
  });

  it('lets no text of a version become Markdown, and says that nothing runs', () => {
    const text = describeChange({
      candidate: version(1, {
        source: { repository: '[click](http://evil) <img>\n# more' },
      }),
    });
    expect(text).toContain('| | nothing runs | version 1 |');
    expect(text).toContain('\\[click\\](http://evil) \\<img\\> # more');
  });
});

describe('describeConsumers', () => {
  it('names who depends on it', () => {
    expect(
      describeConsumers([
        { entity: 'component:default/shop', owner: 'group:default/shop' },
        { entity: 'api:default/orders' },
      ]),
    ).toBe(
      '### Who uses it\n\n- component:default/shop, of group:default/shop\n- api:default/orders',
    );
    expect(describeConsumers([])).toContain('No entity of the catalog');
    expect(describeConsumers(undefined)).toBeUndefined();
    const many = Array.from({ length: MOST_CONSUMERS }, (_, at) => ({
      entity: `component:default/c${at}`,
    }));
    expect(describeConsumers(many)).toContain('and more');
  });
});

import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { readCard } from './readCard';
import { type CardFacts, writeCard } from './writeCard';

jest.setTimeout(120_000);

/** Loads a card from a file and tells what it understood. */
const PROGRAM = `
import json, sys
from huggingface_hub import ModelCard
card = ModelCard.load(sys.argv[1])
data = card.data
print(json.dumps({
  "license": data.license, "tags": data.tags, "library": data.library_name,
  "pipeline": data.pipeline_tag, "name": data.model_name, "text": card.text,
  "results": [[r.task_type, r.dataset_name, r.dataset_revision, r.metric_type, r.metric_value] for r in data.eval_results],
  "written": str(card), "unknown": data.to_dict().get("co2_eq_emissions"),
}))
`;

const FACTS: CardFacts = {
  model: {
    name: 'digits',
    title: 'Digits: "größer"',
    description: 'Reads digits.',
    task: 'classification',
    tags: { license: 'apache-2.0', domain: 'vision: all' },
  },
  version: { version: 2, description: '', format: 'onnx', tags: {} },
  evaluations: [
    {
      dataset: { name: 'held out', digest: 'sha256:d', rows: 10 },
      metrics: { accuracy: 0.97 },
    },
  ],
};

describe('cards for huggingface_hub', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'card-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  async function load(text: string) {
    // `npm test` makes it, and leaves this test out where it cannot.
    const python = process.env.GREENROOM_TEST_PYTHON;
    if (!python) throw new Error('run this test by npm test -- jest');
    const file = join(folder, 'README.md');
    await writeFile(file, text);
    const { stdout } = await promisify(execFile)(
      python,
      ['-c', PROGRAM, file],
      { timeout: 100_000, env: { ...process.env, HF_HUB_OFFLINE: '1' } },
    );
    return JSON.parse(stdout);
  }

  it('are loaded with their licence, tags and results', async () => {
    await expect(load(writeCard(FACTS))).resolves.toMatchObject({
      license: 'apache-2.0',
      tags: ['domain:vision: all'],
      library: 'onnx',
      pipeline: null,
      name: 'digits',
      text: '# Digits: "größer", version 2\n\nReads digits.\n',
      results: [
        ['tabular-classification', 'held out', 'sha256:d', 'accuracy', 0.97],
      ],
    });
  });

  it('come back from what it writes with all that was said', async () => {
    const card = readCard(
      '---\nlicense: mit\nco2_eq_emissions: {emissions: 3}\nmodel-index:\n- name: Mine\n  results:\n  - task: {type: image-classification}\n    dataset: {type: mnist, name: MNIST}\n    metrics: [{type: accuracy, value: 0.5}]\n---\n# Mine\n',
    );
    const loaded = await load(writeCard({ ...FACTS, card }));
    expect(loaded).toMatchObject({
      license: 'mit',
      name: 'Mine',
      unknown: { emissions: 3 },
      results: [
        ['image-classification', 'MNIST', null, 'accuracy', 0.5],
        ['tabular-classification', 'held out', 'sha256:d', 'accuracy', 0.97],
      ],
    });
    const again = readCard(loaded.written);
    expect(again.metadata).toMatchObject({
      license: 'mit',
      co2_eq_emissions: { emissions: 3 },
    });
    expect(again.markdown.trim()).toBe('# Mine');
  });
});

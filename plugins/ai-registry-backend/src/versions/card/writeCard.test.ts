import fc from 'fast-check';
import { readCard } from './readCard';
import { type CardFacts, writeCard } from './writeCard';

const FACTS: CardFacts = {
  model: {
    name: 'digits',
    title: 'Digits',
    description: 'Reads digits.',
    task: 'image-classification',
    tags: { licence: 'Apache-2.0', domain: 'vision' },
  },
  version: {
    version: 2,
    description: 'More rows.',
    format: 'onnx',
    tags: { demo: '', 'mlflow.user': 'ada' },
  },
  evaluations: [
    {
      dataset: { name: 'held out', digest: 'sha256:d', rows: 10 },
      metrics: { accuracy: 0.97, f1: 0.9 },
    },
  ],
};

describe('writeCard', () => {
  it('tells of a version without a card what the registry knows', () => {
    const card = readCard(writeCard(FACTS));
    expect(card.metadata).toEqual({
      license: 'apache-2.0',
      tags: ['domain:vision', 'demo'],
      pipeline_tag: 'image-classification',
      library_name: 'onnx',
      'model-index': [
        {
          name: 'digits',
          results: [
            {
              task: { type: 'image-classification' },
              dataset: {
                type: 'held out',
                name: 'held out',
                revision: 'sha256:d',
              },
              metrics: [
                { type: 'accuracy', value: 0.97 },
                { type: 'f1', value: 0.9 },
              ],
            },
          ],
        },
      ],
    });
    expect(card.markdown).toBe(
      '# Digits, version 2\n\nReads digits.\n\nMore rows.\n',
    );
  });

  it('leaves what the card says, also what nobody here knows, and adds where it is silent', () => {
    const said = {
      license: 'mit',
      tags: ['demo', 'own'],
      pipeline_tag: 'other-thing',
      library_name: 'timm',
      co2_eq_emissions: { emissions: 3, source: 'meter' },
      'model-index': [
        {
          name: 'Digits',
          results: [
            {
              task: { type: 'x' },
              dataset: { type: 'd', name: 'held out' },
              metrics: [{ type: 'accuracy', value: 0.5, verified: true }],
            },
          ],
        },
      ],
    };
    const card = readCard(`---\n${JSON.stringify(said)}\n---\nBody`);
    const { metadata, markdown } = readCard(writeCard({ ...FACTS, card }));
    expect(markdown).toBe('Body');
    expect(metadata).toMatchObject({
      ...said,
      tags: ['demo', 'own', 'domain:vision'],
      'model-index': [
        {
          name: 'Digits',
          results: [
            said['model-index'][0].results[0],
            { metrics: [{ type: 'f1', value: 0.9 }] },
          ],
        },
      ],
    });
    const again = writeCard({
      ...FACTS,
      card: readCard(writeCard({ ...FACTS, card })),
    });
    expect(again).toBe(writeCard({ ...FACTS, card }));
  });

  it('keeps comments', () => {
    const card = readCard('---\n# why: because\nlicense: mit # really\n---\n');
    const written = writeCard({ ...FACTS, card });
    expect(written).toContain('# why: because\nlicense: mit # really\n');
  });

  it('adds to a field that an alias stands for', () => {
    const card = readCard('---\ntags: &names [a]\nodd: *names\n---\nBody');
    expect(readCard(writeCard({ ...FACTS, card })).metadata).toMatchObject({
      tags: ['a', 'domain:vision', 'demo'],
      odd: ['a'],
    });
  });

  it('is no front matter where nothing is known', () => {
    expect(
      writeCard({
        model: { ...FACTS.model, task: 'other', tags: {}, description: '' },
        version: { ...FACTS.version, format: 'external', tags: {} },
        evaluations: [],
        card: readCard('Just words\n'),
      }),
    ).toBe('Just words\n');
  });

  it('loses no key of any card', () => {
    const key = fc.stringMatching(/^[a-z_]{1,12}$/);
    const leaf = fc.oneof(
      fc.string(),
      fc.integer(),
      fc.boolean(),
      fc.constant(null),
    );
    const value = fc.oneof(
      leaf,
      fc.array(leaf, { maxLength: 3 }),
      fc.dictionary(key, leaf, { maxKeys: 3 }),
    );
    fc.assert(
      fc.property(fc.dictionary(key, value), fc.string(), (said, body) => {
        const { tags: _tags, ...others } = said;
        const card = readCard(
          `---\n${JSON.stringify(others, undefined, 1)}\n---\n${body}`,
        );
        expect(card.problem).toBeUndefined();
        const written = readCard(writeCard({ ...FACTS, card }));
        expect(written.metadata).toMatchObject(others);
        expect(written.markdown).toBe(body);
      }),
    );
  });
});

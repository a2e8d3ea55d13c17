import type { ModelSchema } from '@greenroom/plugin-ai-registry-common';
import { toContract } from './contract';
import {
  describeDeployment,
  type DescribedDeployment,
} from './describeDeployment';

const schema: ModelSchema = {
  task: 'classification',
  features: [
    {
      name: 'age',
      tensor: 'x',
      index: 1,
      description: 'Age at the visit',
      unit: 'years',
      range: [20, 80],
    },
    { name: 'bmi', tensor: 'x', index: 0 },
  ],
  prediction: { tensor: 'label', labels: ['well', 'ill'] },
};
const signature = {
  inputs: [{ name: 'x', datatype: 'FP32' as const, shape: [-1, 2] }],
  outputs: [{ name: 'label', datatype: 'INT64' as const, shape: [-1] }],
};
const contract = toContract({ signature, schema }, { embeds: false });

const deployment: DescribedDeployment = {
  title: 'Risk in Production',
  description: 'Says who is ill.',
  model: 'risk',
  environment: 'Production',
  versions: [{ version: 3, sharePercent: 100, contract }],
  addresses: ['https://models.example.com'],
};
const documentOf = (changes: Partial<DescribedDeployment>) =>
  describeDeployment({ ...deployment, ...changes });

describe('describeDeployment', () => {
  it('says what the model takes, in its own words', () => {
    const document = documentOf({});
    expect(document.info).toMatchObject({
      title: 'Risk in Production',
      version: '3',
    });
    expect(document.servers).toEqual([
      { url: 'https://models.example.com', description: 'Production' },
    ]);
    const text = JSON.stringify(document);
    expect(text).toContain('Says who is ill.');
    expect(text).toContain(
      '- 0: `bmi`\\n- 1: `age` (years, 20 to 80 in training), Age at the visit',
    );
    expect(text).toContain('one of `well`, `ill`');
  });

  it('names no address where none is known', () => {
    const [server] = documentOf({ addresses: [] }).servers;
    expect(server).toMatchObject({
      url: '{address}',
      description: 'No data plane of Production is known',
    });
  });

  it('describes the version with most of the traffic, and names those that take something else', () => {
    const other = toContract(
      {
        signature: {
          ...signature,
          inputs: [{ ...signature.inputs[0], shape: [-1, 5] }],
        },
      },
      { embeds: false },
    );
    const { info, components } = documentOf({
      versions: [
        { version: 4, sharePercent: 10, contract: other },
        { version: 3, sharePercent: 90, contract },
      ],
    });
    expect(info.version).toBe('4, 3');
    expect(info.description).toContain(
      'version 4 answers 10 % of the requests, version 3 answers 90 % of the requests',
    );
    expect(info.description).toContain(
      'Described is what version 3 takes. Other inputs or outputs have: version 4.',
    );
    expect(JSON.stringify(components.schemas.InferRequest)).toContain(
      '[-1, 2]',
    );
  });

  it('says so where a version is only on its way, or what it takes is not known', () => {
    const { info, paths } = documentOf({
      versions: [{ version: 3, sharePercent: 0 }],
    });
    expect(info.description).toContain(
      'No version answers yet: version 3 is on its way.',
    );
    expect(info.description).toContain('could not be read from the registry');
    expect(Object.keys(paths)).toEqual([
      '/v2/models/risk',
      '/v2/models/risk/ready',
    ]);
  });

  it('stays of a size that does not depend on the model', () => {
    const count = 20_000;
    const large = toContract(
      {
        signature: {
          inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, count] }],
          outputs: [
            {
              name: 'label',
              datatype: 'INT64',
              shape: [-1, count],
              labels: Array.from({ length: 10_000 }, (_, i) => `label ${i}`),
            },
          ],
        },
        schema: {
          ...schema,
          features: Array.from({ length: count }, (_, index) => ({
            name: `feature ${index}`,
            tensor: 'x',
            index,
          })),
          prediction: {
            tensor: 'label',
            labels: Array.from({ length: count }, (_, i) => `class ${i}`),
          },
        },
      },
      { embeds: false },
    );
    const text = JSON.stringify(
      documentOf({
        description: 'x'.repeat(100_000),
        versions: [{ version: 3, sharePercent: 100, contract: large }],
      }),
    );
    expect(text.length).toBeLessThan(30_000);
    expect(text).toContain('and 19900 more');
    expect(text).toContain('There is no example');
  });
});

import type {
  Datatype,
  ModelSchema,
  Signature,
} from '@greenroom/plugin-ai-registry-common';
import { nameClasses } from './nameClasses';

const signatureOf = (datatype: Datatype, labels?: string[]): Signature => ({
  inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, 2] }],
  outputs: [
    { name: 'label', datatype, shape: [-1] },
    { name: 'p', datatype: 'FP32', shape: [-1, 3], labels },
  ],
});

const schemaOf = (prediction: Partial<ModelSchema['prediction']> = {}) => ({
  task: 'classification' as const,
  features: [],
  prediction: { tensor: 'label', probabilityTensor: 'p', ...prediction },
});

const said = (
  datatype: Datatype,
  labels?: string[],
  declared?: Partial<ModelSchema['prediction']>,
) => {
  const named = nameClasses(schemaOf(declared), signatureOf(datatype, labels));
  return [named.prediction.labels, named.prediction.codes];
};

it('takes the labels of the file for a model that answers texts', () => {
  expect(said('BYTES', ['a', 'b', 'c'])).toEqual([['a', 'b', 'c'], undefined]);
  expect(said('BYTES')).toEqual([undefined, undefined]);
});

it('keeps what numbers stand for where they are no places', () => {
  expect(said('INT64', ['10', '20', '30'])).toEqual([
    undefined,
    ['10', '20', '30'],
  ]);
  expect(said('INT64', ['0', '1', '2'])).toEqual([undefined, undefined]);
  const labels = ['low', 'middle', 'high'];
  expect(said('INT64', ['1', '2', '3'], { labels })).toEqual([
    labels,
    ['1', '2', '3'],
  ]);
});

it('believes no codes but those of the file', () => {
  expect(said('INT64', ['0', '1', '2'], { codes: ['7', '8', '9'] })).toEqual([
    undefined,
    undefined,
  ]);
});

it('refuses labels in another order than that of the file', () => {
  expect(() =>
    said('BYTES', ['a', 'b', 'c'], { labels: ['a', 'c', 'b'] }),
  ).toThrow(
    "schema.prediction.labels has 'c' at place 1, where the model file has 'b': leave the labels out",
  );
});

it('leaves a regression alone', () => {
  const schema = { ...schemaOf(), task: 'regression' as const };
  expect(nameClasses(schema, signatureOf('FP32', ['a', 'b', 'c']))).toEqual(
    schema,
  );
});

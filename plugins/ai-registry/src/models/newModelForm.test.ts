import { EMPTY_NEW_MODEL, readNewModel, readTags } from './newModelForm';

const valid = {
  ...EMPTY_NEW_MODEL,
  name: 'digits',
  owner: 'group:default/vision-team',
};

describe('readNewModel', () => {
  it('leaves out what was not filled in', () => {
    expect(readNewModel(valid)).toEqual({
      model: {
        name: 'digits',
        task: 'classification',
        owner: 'group:default/vision-team',
      },
    });
  });

  it('passes everything on that was filled in', () => {
    expect(
      readNewModel({
        ...valid,
        title: 'Digits',
        description: 'Reads digits',
        task: 'regression',
        system: 'system:default/ai-demo',
        tags: 'framework = scikit-learn, stage=demo',
      }).model,
    ).toEqual({
      name: 'digits',
      title: 'Digits',
      description: 'Reads digits',
      task: 'regression',
      owner: 'group:default/vision-team',
      system: 'system:default/ai-demo',
      tags: { framework: 'scikit-learn', stage: 'demo' },
    });
  });

  it('says what to correct, by field', () => {
    const { errors } = readNewModel({
      ...valid,
      name: 'Digits!',
      owner: 'vision-team',
      system: 'ai demo',
      tags: 'framework',
    });
    expect(Object.keys(errors ?? {}).sort()).toEqual([
      'name',
      'owner',
      'system',
      'tags',
    ]);
  });
});

describe('readTags', () => {
  it('keeps equal signs in values and skips empty parts', () => {
    expect(readTags(' a=b=c ,, d= ')).toEqual({ a: 'b=c', d: '' });
    expect(readTags('=b')).toBeUndefined();
  });
});

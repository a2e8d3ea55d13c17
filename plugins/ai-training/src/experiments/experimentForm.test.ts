import { EMPTY_EXPERIMENT, readExperiment } from './experimentForm';

const form = {
  ...EMPTY_EXPERIMENT,
  name: ' digits ',
  owner: 'group:default/a',
};

describe('readExperiment', () => {
  it('takes a name and an owner', () => {
    expect(readExperiment(form).experiment).toEqual({
      name: 'digits',
      owner: 'group:default/a',
    });
    expect(
      readExperiment({ ...form, description: ' why ' }).experiment?.description,
    ).toBe('why');
  });

  it('says what to correct', () => {
    expect(readExperiment(EMPTY_EXPERIMENT).errors).toEqual({
      name: expect.stringContaining('Give it a name'),
      owner: expect.stringContaining('group:default/<name>'),
    });
    expect(
      readExperiment({ ...form, name: 'x'.repeat(501) }).errors?.name,
    ).toContain('at most 500');
  });
});

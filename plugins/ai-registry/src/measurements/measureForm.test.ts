import { type MeasureForm, readMeasureForm } from './measureForm';

const FORM: MeasureForm = {
  dataset: 'held-out',
  version: '2',
  target: 'digit',
  slices: '',
  protected: '',
  positive: '',
  compareWith: '',
};

it('asks for what is filled in, and for nothing else', () => {
  expect(readMeasureForm(FORM)).toEqual({
    measurement: {
      dataset: { name: 'held-out', version: 2 },
      target: 'digit',
    },
  });
  expect(
    readMeasureForm({
      ...FORM,
      slices: ' site, age ,',
      protected: 'gender',
      positive: ' yes ',
      compareWith: 'production',
    }).measurement,
  ).toMatchObject({
    slices: ['site', 'age'],
    protected: 'gender',
    positive: 'yes',
    compareWith: 'production',
  });
});

it('says what is missing, and what is too much', () => {
  expect(
    readMeasureForm({ ...FORM, dataset: '', version: '', target: '' }).errors,
  ).toEqual({
    dataset: 'Choose the dataset.',
    version: 'Choose one of its versions.',
    target: 'Choose the column with the truth.',
  });
  expect(readMeasureForm({ ...FORM, slices: 'a,b,c,d,e' }).errors).toEqual({
    slices: 'Name at most 4 columns.',
  });
  expect(readMeasureForm({ ...FORM, slices: 'a,a' }).errors).toEqual({
    slices: 'Name each column once.',
  });
});

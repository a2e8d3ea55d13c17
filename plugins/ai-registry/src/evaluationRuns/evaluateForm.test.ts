import { type EvaluateForm, readEvaluateForm } from './evaluateForm';

const FORM: EvaluateForm = {
  environment: 'production',
  dataset: 'capital-cities',
  version: '2',
  kinds: ['exact'],
  ignoreCase: true,
  pattern: '',
  schema: '',
  rows: '',
};

describe('readEvaluateForm', () => {
  it('reads what is asked of whom', () => {
    expect(readEvaluateForm(FORM)).toEqual({
      run: {
        environment: 'production',
        dataset: { name: 'capital-cities', version: 2 },
        scorers: [{ kind: 'exact', ignoreCase: true }],
      },
    });
    expect(
      readEvaluateForm({
        ...FORM,
        kinds: ['regex', 'json-schema'],
        ignoreCase: false,
        pattern: '^[A-Z]',
        schema: '{"type": "object"}',
        rows: ' 20 ',
      }).run,
    ).toMatchObject({
      scorers: [
        { kind: 'regex', pattern: '^[A-Z]' },
        { kind: 'json-schema', schema: { type: 'object' } },
      ],
      rows: 20,
    });
  });

  it("lets the rows' own patterns judge", () => {
    const { run } = readEvaluateForm({ ...FORM, kinds: ['regex'] });
    expect(run?.scorers).toEqual([{ kind: 'regex', ignoreCase: true }]);
  });

  it.each<[Partial<EvaluateForm>, keyof EvaluateForm]>([
    [{ dataset: '' }, 'dataset'],
    [{ version: '' }, 'version'],
    [{ kinds: [] }, 'kinds'],
    [{ kinds: ['regex'], pattern: '(' }, 'pattern'],
    [{ kinds: ['json-schema'], schema: '[]' }, 'schema'],
    [{ kinds: ['json-schema'], schema: '{' }, 'schema'],
    [{ rows: '0' }, 'rows'],
    [{ rows: '1001' }, 'rows'],
  ])('says what to correct: %j', (changes, field) => {
    const { errors = {} } = readEvaluateForm({ ...FORM, ...changes });
    expect(Object.keys(errors)).toEqual([field]);
  });
});

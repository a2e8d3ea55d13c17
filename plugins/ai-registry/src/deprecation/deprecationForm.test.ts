import { fromDeprecationForm, toDeprecationForm } from './deprecationForm';

const before = {
  since: '2026-05-01T00:00:00.000Z',
  sunsetAt: '2027-01-31T17:30:00.000Z',
  replacement: { model: 'new', version: 2 },
  message: 'Old.',
  deprecatedBy: 'user:default/ada',
};

describe('deprecationForm', () => {
  it('gives back what was there, to the minute', () => {
    const { since, deprecatedBy, ...said } = before;
    expect(fromDeprecationForm(toDeprecationForm(before), before)).toEqual(
      said,
    );
  });

  it('takes a day as its beginning in UTC, and leaves out what is empty', () => {
    const empty = toDeprecationForm(undefined);
    expect(
      fromDeprecationForm({ ...empty, message: ' Bye. ' }, undefined),
    ).toEqual({ message: 'Bye.' });
    expect(
      fromDeprecationForm(
        { ...empty, message: 'Bye.', sunset: '2027-02-01' },
        before,
      ),
    ).toEqual({ message: 'Bye.', sunsetAt: '2027-02-01T00:00:00.000Z' });
  });

  it('names each field that is wrong', () => {
    expect(
      fromDeprecationForm(
        {
          message: '',
          sunset: '2027-13-01',
          replacement: '',
          replacementVersion: '0',
        },
        undefined,
      ),
    ).toEqual({
      errors: {
        message: expect.any(String),
        sunset: expect.any(String),
        replacement: expect.any(String),
        replacementVersion: expect.any(String),
      },
    });
  });
});

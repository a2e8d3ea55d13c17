import {
  makeImageVersion,
  makeTabularVersion,
} from '../__testUtils__/fixtures';
import { readAnswer } from './answer';

const classes = makeImageVersion().schema!;
const regression = makeTabularVersion().schema!;

describe('readAnswer', () => {
  it('names the class and sorts the probabilities', () => {
    expect(
      readAnswer(
        {
          model_name: 'digits',
          outputs: [
            { name: 'label', datatype: 'INT64', shape: [1], data: [1] },
            {
              name: 'probabilities',
              datatype: 'FP32',
              shape: [1, 2],
              data: [[0.25, 0.75]],
            },
          ],
        },
        classes,
      ),
    ).toEqual({
      kind: 'class',
      label: 'one',
      probabilities: [
        { label: 'one', probability: 0.75 },
        { label: 'zero', probability: 0.25 },
      ],
    });
  });

  it('reads a number with its unit', () => {
    expect(
      readAnswer(
        {
          model_name: 'diabetes',
          outputs: [
            {
              name: 'estimate',
              datatype: 'FP32',
              shape: [1, 1],
              data: [152.5],
            },
          ],
        },
        regression,
      ),
    ).toEqual({ kind: 'value', value: 152.5, unit: 'points' });
  });

  it('knows nothing when the output is not there', () => {
    expect(
      readAnswer({ model_name: 'diabetes', outputs: [] }, regression),
    ).toBeUndefined();
  });
});

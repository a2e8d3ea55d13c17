import { InferenceError } from '../../domain/InferenceError';
import { show } from './show';

type Check = (value: unknown) => boolean;

interface Parameter {
  accepts: Check;
  /** For the sentence about another value. */
  expected: string;
}

const flag: Parameter = {
  accepts: value => typeof value === 'boolean',
  expected: 'true or false',
};
const size: Parameter = {
  accepts: value => Number.isSafeInteger(value) && Number(value) >= 0,
  expected: 'a number of bytes',
};
const places: Parameter = {
  accepts: value => Number.isSafeInteger(value) && Number(value) >= 1,
  expected: 'how many of the highest values, from 1',
};
/** Says how a client encoded its data; these two are what we do in any case. */
const contentType: Parameter = {
  accepts: value => value === 'np' || value === 'str',
  expected: '"np" or "str"',
};

const micros: Parameter = {
  accepts: value =>
    Number.isSafeInteger(value) &&
    Number(value) > 0 &&
    Number(value) <= 86_400e6,
  expected: 'a number of microseconds from 1 to 86400000000',
};

/** The parameters that are understood, by where they stand. */
const KNOWN = {
  request: { binary_data_output: flag, timeout: micros },
  input: { binary_data_size: size, content_type: contentType },
  output: {
    binary_data: flag,
    content_type: contentType,
    classification: places,
  },
} satisfies Record<string, Record<string, Parameter>>;

/** What a caller may say beside the tensors, as far as it is understood. */
export interface Parameters {
  binary_data_output?: boolean;
  binary_data_size?: number;
  binary_data?: boolean;
  classification?: number;
  /** For how many microseconds the caller waits. */
  timeout?: number;
}

const NONE: Parameters = {};

/**
 * Checks parameters. What is not understood would change the answer if it were, so that an
 * answer without it would be to another question.
 *
 * @param where - for messages, such as `input "x": `
 * @throws InferenceError `invalid`, naming the parameter and those that there are.
 */
export function readParameters(
  value: unknown,
  level: keyof typeof KNOWN,
  where: string,
): Parameters {
  if (value === undefined || value === null) return NONE;
  if (typeof value !== 'object' || Array.isArray(value)) {
    throw new InferenceError(
      'invalid',
      `${where}"parameters" is ${show(value)}, expected an object`,
    );
  }
  const known: Record<string, Parameter> = KNOWN[level];
  for (const [name, given] of Object.entries(value)) {
    if (!Object.hasOwn(known, name)) {
      throw new InferenceError(
        'invalid',
        `${where}parameter ${show(
          name,
        )} is not supported: this server knows ${Object.keys(known)
          .map(each => `"${each}"`)
          .join(' and ')} there`,
      );
    }
    const { accepts, expected } = known[name];
    if (!accepts(given)) {
      throw new InferenceError(
        'invalid',
        `${where}"${name}" is ${show(given)}, expected ${expected}`,
      );
    }
  }
  return value;
}

import type {
  Deprecation,
  NewDeprecation,
} from '@greenroom/plugin-ai-registry-common';

/** What the dialog's fields hold. */
export interface DeprecationForm {
  message: string;
  /** `2027-01-31`, or empty. */
  sunset: string;
  /** Name of a model, or empty. */
  replacement: string;
  /** Number of a version, or empty. */
  replacementVersion: string;
}

const DAY = /^\d{4}-\d\d-\d\d$/;
const DIGITS_OF_A_DAY = '2027-01-31'.length;

export function toDeprecationForm(
  deprecation: Deprecation | undefined,
): DeprecationForm {
  const { message = '', sunsetAt = '', replacement } = deprecation ?? {};
  return {
    message,
    sunset: sunsetAt.slice(0, DIGITS_OF_A_DAY),
    replacement: replacement?.model ?? '',
    replacementVersion: String(replacement?.version ?? ''),
  };
}

/**
 * What is sent.
 *
 * @param before - keeps the hour of its sunset where the day was not changed
 */
export function fromDeprecationForm(
  form: DeprecationForm,
  before: Deprecation | undefined,
): NewDeprecation | { errors: Partial<Record<keyof DeprecationForm, string>> } {
  const message = form.message.trim();
  const sunset = form.sunset.trim();
  const model = form.replacement.trim();
  const version = form.replacementVersion.trim();
  const isDay = DAY.test(sunset) && !Number.isNaN(Date.parse(sunset));
  const errors = {
    ...(message === '' && {
      message: 'Say why, and what callers have to do.',
    }),
    ...(sunset !== '' &&
      !isDay && { sunset: 'Write a day such as 2027-01-31, or leave it out.' }),
    ...(version !== '' &&
      !/^[1-9]\d*$/.test(version) && {
        replacementVersion: 'Write the number of a version, or leave it out.',
      }),
    ...(version !== '' &&
      model === '' && { replacement: 'Say of which model the version is.' }),
  };
  if (Object.keys(errors).length > 0) return { errors };
  const isSameDay = before?.sunsetAt?.startsWith(sunset);
  return {
    message,
    ...(sunset !== '' && {
      sunsetAt: isSameDay ? before?.sunsetAt : new Date(sunset).toISOString(),
    }),
    ...(model !== '' && {
      replacement: {
        model,
        ...(version !== '' && { version: Number(version) }),
      },
    }),
  };
}

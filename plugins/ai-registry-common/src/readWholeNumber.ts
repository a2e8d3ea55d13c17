import type { Config } from '@backstage/config';
import { InputError } from '@backstage/errors';

/** @throws InputError that names the setting */
export function readWholeNumber(
  settings: Config | undefined,
  options: { key: string; name: string; least?: number; most: number },
): number | undefined {
  const { key, name, least = 1, most } = options;
  const number = settings?.getOptionalNumber(name);
  if (number === undefined) return undefined;
  if (!Number.isInteger(number) || number < least || number > most) {
    throw new InputError(
      `${key}.${name} is ${number}: expected a whole number from ${least} to ${most}`,
    );
  }
  return number;
}

import type { Config } from '@backstage/config';
import { InputError } from '@backstage/errors';

const MOST_ENTRIES = 50;

/**
 * Texts by their names, such as labels; undefined where there are none.
 *
 * @throws InputError that names the setting
 */
export function readTexts(
  settings: Config,
  key: string,
  name: string,
): Record<string, string> | undefined {
  const section = settings.getOptionalConfig(name);
  if (section === undefined) return undefined;
  const names = section.keys();
  if (names.length > MOST_ENTRIES) {
    throw new InputError(
      `${key}.${name} has ${names.length} entries: expected at most ${MOST_ENTRIES}`,
    );
  }
  const values = section.get<Record<string, unknown>>();
  return Object.fromEntries(
    names.map(entry => {
      const value = values[entry];
      if (typeof value === 'string') return [entry, value];
      throw new InputError(
        `${key}.${name}['${entry}'] is ${JSON.stringify(
          value,
        )}: expected a text`,
      );
    }),
  );
}

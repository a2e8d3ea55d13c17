import { InputError } from '@backstage/errors';
import {
  MAX_COLUMN_NAME_CHARACTERS,
  MAX_DATASET_COLUMNS,
} from '@greenroom/bundle-file';

/**
 * Looks at the names of all columns.
 *
 * @param where - what the error begins with, such as `line 1`
 * @throws InputError that names the column by its number or its name
 */
export function checkColumnNames(
  names: readonly (string | undefined)[],
  where: string,
): asserts names is string[] {
  if (names.length === 0) throw new InputError(`${where}: has no columns`);
  checkColumnCount(names.length, where);
  const numberOf = new Map<string, number>();
  names.forEach((name, index) => {
    checkColumnName(name, `${where}: column ${index + 1}`);
    const other = numberOf.get(name);
    if (other !== undefined) {
      throw new InputError(
        `${where}: columns ${other} and ${
          index + 1
        } have the same name '${name}': rename one`,
      );
    }
    numberOf.set(name, index + 1);
  });
}

export function checkColumnCount(count: number, where: string): void {
  if (count > MAX_DATASET_COLUMNS) {
    throw new InputError(
      `${where}: has more than ${MAX_DATASET_COLUMNS} columns`,
    );
  }
}

export function checkColumnName(
  name: string | undefined,
  where: string,
): asserts name is string {
  if (name === undefined || name === '') {
    throw new InputError(`${where} has no name: give it one`);
  }
  if (name.length > MAX_COLUMN_NAME_CHARACTERS) {
    throw new InputError(
      `${where} has a name of more than ${MAX_COLUMN_NAME_CHARACTERS} characters: shorten it`,
    );
  }
  if (/[\p{Control}\p{Surrogate}]/u.test(name)) {
    throw new InputError(
      `${where} has a control character or half a character in its name: rename it`,
    );
  }
}

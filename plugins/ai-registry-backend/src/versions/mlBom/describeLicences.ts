import satisfies from 'spdx-satisfies';
import identifiers from 'spdx-license-ids';

/** Tags that say it: as people of either side of an ocean write it. */
const TAGS = ['license', 'licence'];

/** As Hugging Face writes them, in lower case. */
const BY_LOWER_CASE = new Map(identifiers.map(id => [id.toLowerCase(), id]));

/** The licence that the first of these tags tells. */
export function describeLicence(
  ...all: Record<string, string>[]
): string | undefined {
  return all
    .flatMap(tags => TAGS.map(name => tags[name]?.trim()))
    .find(Boolean);
}

/** The licence that the first of these tags tells, for a component of a bill of materials. */
export function describeLicences(...all: Record<string, string>[]) {
  const said = describeLicence(...all);
  if (!said) return {};
  const text = BY_LOWER_CASE.get(said.toLowerCase()) ?? said;
  return {
    licenses: [
      isExpression(text) ? { expression: text } : { license: { name: text } },
    ],
  };
}

/** Of SPDX, which is also what a single identifier is. */
function isExpression(text: string): boolean {
  try {
    satisfies(text, ['MIT']);
    return true;
  } catch {
    return false;
  }
}

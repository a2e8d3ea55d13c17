import satisfies from 'spdx-satisfies';

/** Tags that say it: as people of either side of an ocean write it. */
const TAGS = ['license', 'licence'];

/** The licence that the first of these tags tells, for a component of a bill of materials. */
export function describeLicences(...all: Record<string, string>[]) {
  const texts = all.flatMap(tags => TAGS.map(name => tags[name]?.trim()));
  const text = texts.find(Boolean);
  if (!text) return {};
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

const MAX_CHARACTERS = 63;
/** More models of one slug are hardly meant. */
const MAX_NUMBER = 1_000;
const FALLBACK = 'model';

/** Names for a model that is called like this elsewhere: the plain one first, then with a number. */
export function* slugsOf(externalName: string): Generator<string> {
  const slug = slugOf(externalName);
  yield slug;
  for (let number = 2; number <= MAX_NUMBER; number += 1) {
    const suffix = `-${number}`;
    yield `${cut(slug, MAX_CHARACTERS - suffix.length)}${suffix}`;
  }
}

function slugOf(externalName: string): string {
  const plain = externalName
    .normalize('NFKD')
    .replace(/\p{Mark}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-/, '');
  return cut(plain, MAX_CHARACTERS) || FALLBACK;
}

function cut(slug: string, characters: number): string {
  return slug.slice(0, characters).replace(/-$/, '');
}

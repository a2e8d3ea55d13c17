/** The catalog's rule for tags. */
const MAX_TAG_LENGTH = 63;

/** Some words, and each tag as `key-value`, in the letters that the catalog allows. */
export function toTags(
  words: string[],
  tags: Record<string, string>,
): string[] {
  const pairs = Object.entries(tags).map(([key, value]) =>
    value === '' || value === 'true' ? key : `${key}-${value}`,
  );
  const allowed = [...words, ...pairs].map(tag =>
    tag
      .toLowerCase()
      .replace(/[^a-z0-9+#]+/g, '-')
      .slice(0, MAX_TAG_LENGTH)
      .replace(/^-+|-+$/g, ''),
  );
  return [...new Set(allowed)].filter(tag => tag !== '');
}

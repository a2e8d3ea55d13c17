/** Schemes of addresses that an external dataset may lie at. */
export const DATASET_URI_SCHEMES = [
  'https',
  's3',
  'gs',
  'abfss',
  'hdfs',
  'hf',
] as const;

export const MAX_DATASET_URI_CHARACTERS = 2_000;

/** Parameters that sign an address, or let in whoever has it. */
const SECRET_PARAMETER =
  /secret|password|passwd|token|credential|signature|access_?key|api_?key|^sig$|^key$|^sv$|^se$/i;

/**
 * What is wrong with the address of an external dataset; undefined when nothing is. The sentence
 * never repeats the address, as it may hold a secret.
 */
export function explainDatasetUri(uri: string): string | undefined {
  const schemes = DATASET_URI_SCHEMES.map(scheme => `${scheme}://`).join(', ');
  if (uri.length > MAX_DATASET_URI_CHARACTERS) {
    return `expected at most ${MAX_DATASET_URI_CHARACTERS} characters`;
  }
  if (/[\s\p{Control}\p{Surrogate}]/u.test(uri)) {
    return 'expected an address without white space: escape it';
  }
  const [, scheme, rest] = /^([a-z0-9+.-]+):\/\/(.+)$/i.exec(uri) ?? [];
  if (
    scheme === undefined ||
    !DATASET_URI_SCHEMES.some(one => one === scheme.toLowerCase())
  ) {
    return `expected an address that begins with one of ${schemes}`;
  }
  const [authority] = rest.split(/[/?#]/);
  if (authority === '') {
    return 'expected a host or a bucket after the ://';
  }
  // Azure's abfss:// has the container there, which is no secret.
  const user = authority.includes('@')
    ? authority.slice(0, authority.lastIndexOf('@'))
    : undefined;
  if (
    user !== undefined &&
    (scheme.toLowerCase() !== 'abfss' || user.includes(':'))
  ) {
    return 'has a name or a password before the @: take it out, whoever reads the address has an access of their own';
  }
  const [beforeFragment] = rest.split('#');
  const query = beforeFragment.includes('?')
    ? beforeFragment.slice(beforeFragment.indexOf('?') + 1)
    : '';
  const secret = [...new URLSearchParams(query).keys()].find(key =>
    SECRET_PARAMETER.test(key),
  );
  if (secret !== undefined) {
    return `has the parameter '${secret.slice(
      0,
      50,
    )}', which lets in whoever has the address: name the address without it`;
  }
  return undefined;
}

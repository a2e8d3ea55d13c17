import { wholeNumber } from '../Command';
import { notFound, usageError } from '../CommandError';
import type { Job, Word } from '../actions/Action';

export const VERSION_WORD: Word = {
  name: 'VERSION',
  expected: 'the number of a version, an alias, or latest',
};

/** What HELP says of a word that names a version. */
export const VERSION_HELP =
  'VERSION is a number, an alias such as production, or latest: the newest one.';

/** The number of a version that was named by it, by an alias, or as the latest. */
export async function resolveVersion(
  job: Pick<Job, 'called' | 'portal' | 'signal'>,
  model: string,
  text: string,
): Promise<number> {
  const { called, portal, signal } = job;
  if (/^\d+$/.test(text)) return wholeNumber(called, { name: 'VERSION', text });
  if (text === 'latest') {
    const { latestVersion } = await portal.registry.getModel(model, { signal });
    if (latestVersion !== undefined) return latestVersion;
    throw notFound(`'${model}' has no version`);
  }
  const alias = text.replace(/^@/, '');
  if (!/^[\w-]{1,255}$/.test(alias)) {
    throw usageError(`${called}: '${text}': expected ${VERSION_WORD.expected}`);
  }
  const { version } = await portal.registry.getAlias(
    model,
    alias,
    {},
    { signal },
  );
  if (version !== undefined) return version;
  throw notFound(`the alias '${alias}' of '${model}' points nowhere`);
}

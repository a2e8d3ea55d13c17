import type { Config } from '@backstage/config';
import { InputError } from '@backstage/errors';
import type { OwnGate } from '@greenroom/plugin-ai-registry-node';
import type { PromotionGate } from '../PromotionGate';
import { CallOut } from './CallOut';
import { ownGate } from './ownGate';

const KEY = 'aiRegistry.promotion.ownGates';
const MOST_GATES = 20;
const MOST_TITLE = 100;

/**
 * Gates of a company: those that the configuration names, which services answer, and those of modules.
 *
 * @throws InputError that names the first setting that is wrong
 */
export function readOwnGates(
  root: Config,
  ofModules: readonly OwnGate[],
): PromotionGate[] {
  const configured = root.getOptionalConfigArray(KEY) ?? [];
  if (configured.length > MOST_GATES) {
    throw new InputError(
      `${KEY} names ${configured.length} gates: expected at most ${MOST_GATES}`,
    );
  }
  const gates = [
    ...configured.map((one, index) => readCallOut(one, `${KEY}[${index}]`)),
    ...ofModules,
  ].map(own => ownGate(own));
  const ids = gates.map(({ id }) => id);
  const twice = ids.find((id, index) => ids.indexOf(id) !== index);
  if (twice !== undefined) {
    throw new InputError(
      `There are two gates '${twice}': give one of them another id`,
    );
  }
  return gates;
}

function readCallOut(config: Config, where: string): CallOut {
  const url = config.getString('url');
  const { protocol = '', username, password } = parseUrl(url) ?? {};
  if (!['http:', 'https:'].includes(protocol) || username || password) {
    throw new InputError(
      `${where}.url: expected an address such as https://scans.example.com/gate, with http or https and without a user; use secret to prove who asks`,
    );
  }
  const timeoutSeconds = config.getOptionalNumber('timeoutSeconds') ?? 10;
  if (timeoutSeconds < 1 || timeoutSeconds > 120) {
    throw new InputError(
      `${where}.timeoutSeconds is ${timeoutSeconds}: it must lie between 1 and 120`,
    );
  }
  const title = config.getString('title');
  if (title.length > MOST_TITLE) {
    throw new InputError(
      `${where}.title has ${title.length} characters: expected at most ${MOST_TITLE}`,
    );
  }
  return new CallOut({
    id: config.getString('id'),
    title,
    url,
    secret: config.getOptionalString('secret'),
    timeoutMillis: timeoutSeconds * 1_000,
  });
}

function parseUrl(text: string): URL | undefined {
  return URL.canParse(text) ? new URL(text) : undefined;
}

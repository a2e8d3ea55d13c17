import {
  type Command,
  durationMillis,
  PORTAL_HELP,
  PORTAL_OPTIONS,
  wholeNumber,
  type Words,
} from '../Command';
import { notFound, usageError } from '../CommandError';
import { asFailure, Portal } from '../portal/Portal';
import { followPromotion } from './followPromotion';
import { untilOf } from './untilOf';

const FIND_MILLIS = 60_000;

/** Waits for a promotion. */
export const waitCommand: Command = {
  name: 'wait',
  summary: 'waits until a promotion is checked, merged or completed',
  help: `greenroom wait PROMOTION | --change-request NUMBER [--until STATE] [--timeout TIME]

Waits for a promotion, says what it waits for, and then how its gates stand.

  --change-request NUMBER  of the promotion that is open, as the Git host counts;
                           in the place of its id
  --until STATE       checked: every gate has said what it has to say.
                      merged: it was approved and merged. completed, which is
                      meant when it is left out: the environment serves it
  --timeout TIME      how long it waits, such as 90s, 30m or 2h; 30m when left
                      out
${PORTAL_HELP}

Exit code 0: it is so far. 1: it was refused, closed or taken back. 3: it was
not so far in time.`,
  options: {
    ...PORTAL_OPTIONS,
    'change-request': { type: 'string' },
    until: { type: 'string' },
    timeout: { type: 'string' },
  },
  async run(words, context) {
    const until = untilOf('wait', words);
    const timeoutMillis = durationMillis('wait', words, {
      option: 'timeout',
      fallback: '30m',
    });
    const named = namedBy(words);
    const portal = Portal.of(words, context);
    try {
      const id =
        'id' in named
          ? named.id
          : await findByNumber(portal, named.number, context.pollMillis);
      return await followPromotion({
        id,
        until,
        timeoutMillis,
        portal,
        isJson: words.flag('json'),
        context,
      });
    } catch (error) {
      throw asFailure(error);
    }
  },
};

function namedBy(words: Words): { id: string } | { number: number } {
  const text = words.text('change-request');
  const { length } = words.positionals;
  if (length + Number(text !== undefined) !== 1) {
    throw usageError(
      'wait: expected the id of a promotion, or --change-request',
    );
  }
  return text === undefined
    ? { id: words.positionals[0] }
    : { number: wholeNumber('wait', { name: '--change-request', text }) };
}

/** A change request that was just opened may not be known yet: it is looked for again, for a minute. */
async function findByNumber(
  portal: Portal,
  number: number,
  pauseMillis = 2_000,
): Promise<string> {
  const untilMillis = Date.now() + FIND_MILLIS;
  for (;;) {
    const { items } = await portal.registry.listPromotions({ open: true });
    const found = items.find(one => one.changeRequest?.number === number);
    if (found) return found.id;
    if (Date.now() + pauseMillis > untilMillis) {
      throw notFound(
        `no open promotion has the change request ${number}: it changes no manifest, or more than one, or it is closed`,
      );
    }
    await new Promise(resolve => setTimeout(resolve, pauseMillis));
  }
}

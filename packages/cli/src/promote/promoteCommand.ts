import type { Promotion } from '@greenroom/plugin-ai-registry-common';
import {
  type Command,
  durationMillis,
  expectWords,
  PORTAL_HELP,
  PORTAL_OPTIONS,
  required,
  wholeNumber,
} from '../Command';
import { addSummary, setOutputs } from '../github/workflow';
import { asFailure, Portal } from '../portal/Portal';
import { DEFAULT_POLL_MILLIS, followPromotion } from '../wait/followPromotion';
import { pageOf } from '../wait/pageOf';
import { untilOf } from '../wait/untilOf';
import { openPromotion } from './openPromotion';

/** Opens a promotion, and follows it where that is asked for. */
export const promoteCommand: Command = {
  name: 'promote',
  summary: 'opens a promotion of a version to an environment',
  help: `greenroom promote MODEL VERSION --environment NAME --reason TEXT [--until STATE]

Opens a change request that has the environment run the version. People review
it as any other; nobody approves what they asked for themselves.

One that is open for this version is gone on with instead. While another version is
being merged there, it waits.

  --environment NAME  where it is to run
  --reason TEXT       why, for those who review it
  --until STATE       waits as greenroom wait does: checked, merged or completed
  --timeout TIME      how long it waits at most; 30m when left out
${PORTAL_HELP}

In GitHub Actions the outputs promotion and url are set for later steps.`,
  options: {
    ...PORTAL_OPTIONS,
    environment: { type: 'string' },
    reason: { type: 'string' },
    until: { type: 'string' },
    timeout: { type: 'string' },
  },
  async run(words, context) {
    const [model, text] = expectWords('promote', words, [
      'the name of a model',
      'the number of its version',
    ]);
    const version = wholeNumber('promote', { name: 'the version', text });
    const environment = required('promote', words, 'environment');
    const reason = required('promote', words, 'reason');
    const until =
      words.text('until') === undefined ? undefined : untilOf('promote', words);
    const timeoutMillis = durationMillis('promote', words, {
      option: 'timeout',
      fallback: '30m',
    });
    const portal = Portal.of(words, context);
    const say = words.flag('json') ? context.complain : context.print;
    const startedMillis = performance.now();
    try {
      const { promotion, isNew } = await openPromotion({
        registry: portal.registry,
        wanted: { model, version, environment, reason },
        timeoutMillis,
        pollMillis: context.pollMillis ?? DEFAULT_POLL_MILLIS,
        say,
      });
      const url = pageOf(promotion, portal.url);
      say(
        isNew
          ? `opened the promotion ${promotion.id} of ${what(promotion)}\n${url}`
          : `${what(promotion)} is on its way already, by the promotion ${
              promotion.id
            }\n${url}`,
      );
      await setOutputs(context.environment, { promotion: promotion.id, url });
      await addSummary(
        context.environment,
        `[Promotion of ${what(promotion)}](${url})`,
      );
      if (until === undefined) {
        if (words.flag('json')) {
          context.print(JSON.stringify({ promotion: promotion.id, url }));
        }
        return 0;
      }
      return await followPromotion({
        id: promotion.id,
        until,
        timeoutMillis: timeoutMillis - (performance.now() - startedMillis),
        portal,
        isJson: words.flag('json'),
        context,
      });
    } catch (error) {
      throw asFailure(error);
    }
  },
};

function what({ model, version, environment }: Promotion): string {
  return `${model} version ${version} to ${environment}`;
}

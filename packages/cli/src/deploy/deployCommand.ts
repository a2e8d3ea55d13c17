import {
  type Command,
  type CommandContext,
  durationMillis,
  expectWords,
  PORTAL_HELP,
  PORTAL_OPTIONS,
  required,
  type Words,
} from '../Command';
import { EXIT_CODES } from '../CommandError';
import { asFailure, isPassing, Portal } from '../portal/Portal';
import { type AwaitedDeployments, findAwaited } from './findAwaited';
import {
  type Awaited,
  judgeDeployment,
  type Look,
  type Verdict,
} from './judgeDeployment';
import { reportDeployment, type DeployResult } from './reportDeployment';

const DEFAULT_POLL_MILLIS = 2_000;

/** Waits until what a commit asks for is what serves. */
export const deployCommand: Command = {
  name: 'deploy',
  summary: 'waits until what a commit asks for is what serves',
  help: `greenroom deploy --environment NAME [--model NAME] [--commit ID] [--timeout TIME]

Waits until an environment serves what a commit of the environments repository
asks for, says what it waits for, and ends accordingly. It changes nothing: the
portal applies by itself what is merged.

Call it in a checkout of the environments repository. It looks which manifests
of the environment the commit changed, and waits for each of them. Where a
later commit changed one as well, it waits for what that one asks for.

  --environment NAME  whose manifests
  --model NAME        only that of this model
  --commit ID         GITHUB_SHA when left out; where that is not set either,
                      whatever the registry says should run is waited for, and
                      no checkout is needed
  --since ID          what the commit is compared with: where the push began in
                      a workflow, or else the commit before it
  --timeout TIME      how long it waits, such as 90s, 30m or 2h; 30m when left
                      out
${PORTAL_HELP}

Exit code 0: all of it serves (or sleeps, since nobody needs it, or is deployed
no more). 1: a manifest was refused, or a version was taken back. 3: it was not
done in time.`,
  options: {
    ...PORTAL_OPTIONS,
    environment: { type: 'string' },
    model: { type: 'string' },
    commit: { type: 'string' },
    since: { type: 'string' },
    timeout: { type: 'string' },
  },
  async run(words, context) {
    expectWords('deploy', words, []);
    const environment = required('deploy', words, 'environment');
    const timeoutMillis = durationMillis('deploy', words, {
      option: 'timeout',
      fallback: '30m',
    });
    const portal = Portal.of(words, context);
    try {
      const awaited = await findAwaited({
        environment,
        words,
        context,
        portal,
      });
      const results = await follow({
        awaited,
        timeoutMillis,
        portal,
        context,
        say: progressOf(words, context),
      });
      await reportDeployment({
        environment,
        commit: awaited.commit,
        results,
        portalUrl: portal.url,
        isJson: words.flag('json'),
        context,
      });
      return exitCodeOf(results);
    } catch (error) {
      throw asFailure(error);
    }
  },
};

function progressOf(
  words: Words,
  context: CommandContext,
): (text: string) => void {
  return words.flag('json') ? context.complain : context.print;
}

function exitCodeOf(results: DeployResult[]): number {
  const states = results.map(({ verdict }) => verdict.state);
  if (states.includes('failed')) return EXIT_CODES.failed;
  return states.includes('waiting') ? EXIT_CODES.timedOut : 0;
}

interface Following {
  awaited: AwaitedDeployments;
  timeoutMillis: number;
  portal: Portal;
  context: CommandContext;
  say(text: string): void;
}

/** Looks at all of them again and again, until each is decided or the time is over. */
async function follow(following: Following): Promise<DeployResult[]> {
  const { awaited, timeoutMillis, context, say } = following;
  const startedMillis = Date.now();
  const results = awaited.items.map(
    (item): DeployResult => ({
      item,
      verdict: { state: 'waiting', note: 'nothing was found out yet' },
    }),
  );
  for (;;) {
    const waitedMillis = Date.now() - startedMillis;
    for (const result of results) {
      if (result.verdict.state !== 'waiting') continue;
      const verdict = await judge(result.item, { ...following, waitedMillis });
      if (verdict.note !== result.verdict.note) {
        say(`${result.item.model}: ${verdict.note}`);
      }
      result.verdict = verdict;
    }
    if (results.every(({ verdict }) => verdict.state !== 'waiting')) {
      return results;
    }
    const pauseMillis = context.pollMillis ?? DEFAULT_POLL_MILLIS;
    if (Date.now() - startedMillis + pauseMillis > timeoutMillis) {
      return results;
    }
    await new Promise(resolve => setTimeout(resolve, pauseMillis));
  }
}

async function judge(
  item: Awaited,
  {
    awaited,
    portal,
    waitedMillis,
  }: Pick<Following, 'awaited' | 'portal'> & { waitedMillis: number },
): Promise<Verdict> {
  try {
    const look = await lookAt(item, portal);
    const earlier = new Set<string>();
    for (const commit of [look.desired?.commit, look.problem?.commit]) {
      if (
        commit !== undefined &&
        item.commit !== undefined &&
        commit !== item.commit &&
        (await awaited.isEarlier(commit, item.commit))
      ) {
        earlier.add(commit);
      }
    }
    const isEarlier = (commit: string) => earlier.has(commit);
    return judgeDeployment({ awaited: item, look, isEarlier, waitedMillis });
  } catch (error) {
    if (!isPassing(error)) throw error;
    return { state: 'waiting', note: (error as Error).message };
  }
}

async function lookAt(item: Awaited, portal: Portal): Promise<Look> {
  const { environment, model, path } = item;
  const { items, problems } = await portal.registry.listDesiredDeployments(
    environment,
    { model },
  );
  const deployments = await portal.inference.listDeployments({
    environment,
    model,
  });
  return {
    desired: items.find(one => one.model === model),
    problem: problems.find(one => one.path === path),
    deployment: deployments.items[0],
  };
}

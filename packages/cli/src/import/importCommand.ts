import {
  type Command,
  type CommandContext,
  expectWords,
  PORTAL_HELP,
  PORTAL_OPTIONS,
  type Words,
} from '../Command';
import { EXIT_CODES, usageError } from '../CommandError';
import { interrupt } from '../interrupt';
import { Portal } from '../portal/Portal';
import {
  type Authorization,
  AwayError,
  Endpoint,
  RefusedError,
} from './Endpoint';
import { attempt, type Import } from './Import';
import { importExperiments } from './importExperiments';
import { importLoggedModels } from './importLoggedModels';
import { importRegistry } from './importRegistry';
import { finishRuns, importRuns } from './importRuns';
import { MlflowServer } from './MlflowServer';
import { Report } from './Report';

/** Before the second try of a call. */
const PAUSE_MILLIS = 1_000;

/** Brings over what another server has. */
export const importCommand: Command = {
  name: 'import',
  summary: 'brings experiments, runs and models over from an MLflow server',
  help: `greenroom import mlflow ADDRESS [--dry-run]

Brings over what an MLflow server has: experiments, runs with their ids, params,
tags, all points of their metrics, datasets and files, logged models, and
registered models with their versions and aliases. ADDRESS is what its clients
have as MLFLOW_TRACKING_URI. The other server is only read.

Called again, or after it was stopped, it brings what is missing. What is here
stays as it is. At the end it says what came, and what could not come and why;
the exit code is 0 only when everything came.

  --dry-run           only says what would come; points are not counted
${PORTAL_HELP}

The other server's token comes from MLFLOW_TRACKING_TOKEN, or its user from
MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD.`,
  options: {
    ...PORTAL_OPTIONS,
    'dry-run': { type: 'boolean', help: 'only says what would come' },
  },
  actions: [{ name: 'mlflow', summary: 'from an MLflow server' }],
  async run(words, context) {
    const [kind, address] = expectWords('import', words, [
      'mlflow',
      'the address of the MLflow server',
    ]);
    if (kind !== 'mlflow') {
      throw usageError(`import: '${kind}': expected mlflow`);
    }
    const from = checkAddress(address);
    const portal = Portal.of(words, context);
    const interruption = interrupt(context);
    try {
      return await importAll({
        from,
        portal,
        words,
        context,
        signal: interruption.signal,
      });
    } finally {
      interruption.release();
    }
  },
};

function checkAddress(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^https?:$/.test(url.protocol)) {
    throw usageError(
      `import: the address is '${text}': expected one such as https://mlflow.example.com`,
    );
  }
  if (url.username || url.password) {
    throw usageError(
      'import: the address has a user or a password, which others on this machine see: set MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD instead',
    );
  }
  return text.replace(/[#?].*$/, '').replace(/\/+$/, '');
}

async function importAll(options: {
  from: string;
  portal: Portal;
  words: Words;
  context: CommandContext;
  signal: AbortSignal;
}): Promise<number> {
  const { from, portal, words, context, signal } = options;
  const report = new Report();
  const isDryRun = words.flag('dry-run');
  const pauseMillis = context.pollMillis ?? PAUSE_MILLIS;
  const common = { signal, pauseMillis };
  const api = new Endpoint({
    ...common,
    url: `${portal.url}/api/ai-training`,
    name: 'the portal',
    tokens: tokensOf(portal),
  });
  const job: Import = {
    source: new MlflowServer({
      endpoint: new Endpoint({
        ...common,
        url: from,
        name: from,
        tokens: sourceTokens(context),
      }),
    }),
    portal: new MlflowServer({ endpoint: api, prefix: '/mlflow' }),
    api,
    report,
    isDryRun,
    signal,
    say: text => context.complain(text),
  };
  try {
    await importParts(job);
  } catch (error) {
    report.stopped = reasonToStop(error, signal);
  }
  const facts = { from, to: portal.url, isDryRun };
  context.print(
    words.flag('json')
      ? JSON.stringify(report.toJson(facts))
      : report.toText(facts),
  );
  if (signal.aborted) return EXIT_CODES.interrupted;
  return report.isComplete ? 0 : EXIT_CODES.failed;
}

/** Runs before the logged models that they made, and these before what names them. */
async function importParts(job: Import): Promise<void> {
  const experiments = await importExperiments(job);
  for (const experiment of experiments) {
    job.say(`experiment '${experiment.name}'`);
    await importRuns(job, experiment);
    await importLoggedModels(job, experiment);
  }
  if (!job.isDryRun) {
    job.say('what runs read and made');
    for (const experiment of experiments) await finishRuns(job, experiment);
  }
  job.say('registered models');
  await importRegistry(job);
  if (job.isDryRun) return;
  // Last, since nothing is written to what is deleted.
  for (const { name, here, isDeleted, incomplete } of experiments) {
    if (!isDeleted || here === undefined || incomplete.size > 0) continue;
    const what = `experiment '${name}'`;
    await attempt(job, { kind: 'experiments', what }, async () => {
      await job.portal.post('/experiments/delete', { experiment_id: here });
    });
  }
}

function reasonToStop(error: unknown, signal: AbortSignal): string {
  if (signal.aborted) return 'by Ctrl+C';
  if (error instanceof AwayError) return error.message;
  if (error instanceof RefusedError) {
    return error.status === 401
      ? `${error.message}. Tokens come from GREENROOM_TOKEN for the portal, and from MLFLOW_TRACKING_TOKEN, or MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, for the other server`
      : error.message;
  }
  // The report of what came is worth more than a trace of where it ended.
  return `something that nobody expected: ${
    error instanceof Error ? error.message : error
  }`;
}

function tokensOf({ tokens }: Portal): Authorization {
  return {
    renews: tokens.renews,
    header: async ({ refused }) => `Bearer ${await tokens.token({ refused })}`,
  };
}

/** As MLflow's own clients have it. */
function sourceTokens({ environment }: CommandContext): Authorization {
  const {
    MLFLOW_TRACKING_TOKEN: token,
    MLFLOW_TRACKING_USERNAME: user,
    MLFLOW_TRACKING_PASSWORD: password = '',
  } = environment;
  const basic = user && Buffer.from(`${user}:${password}`).toString('base64');
  const header = token ? `Bearer ${token}` : basic && `Basic ${basic}`;
  return { renews: false, header: async () => header || undefined };
}

import type { CommandContext } from '../Command';
import {
  addSummary,
  annotation,
  isWorkflow,
  setOutputs,
} from '../github/workflow';
import type { Awaited, Verdict } from './judgeDeployment';

export interface DeployResult {
  item: Awaited;
  verdict: Verdict;
}

const LEVELS = {
  done: 'warning',
  failed: 'error',
  waiting: 'error',
} as const;

/** Says how it ended: to people, to programs, and to the page of the run. */
export async function reportDeployment(options: {
  environment: string;
  commit?: string;
  results: DeployResult[];
  portalUrl: string;
  isJson: boolean;
  context: CommandContext;
}): Promise<void> {
  const { environment, commit, results, portalUrl, isJson, context } = options;
  const outcome = outcomeOf(results);
  if (isJson) {
    const models = results.map(({ item, verdict }) => ({
      model: item.model,
      path: item.path,
      version: verdict.version,
      outcome: 'outcome' in verdict ? verdict.outcome : 'timed-out',
      note: verdict.note,
    }));
    context.print(JSON.stringify({ environment, commit, outcome, models }));
  } else {
    context.print(sentenceOf({ environment, commit, results }));
  }
  if (!isWorkflow(context.environment)) return;
  const say = isJson ? context.complain : context.print;
  for (const { item, verdict } of results) {
    const level = LEVELS[verdict.state];
    if (level && !isWell(verdict)) {
      say(
        annotation(level, {
          file: item.path,
          message: `${item.model} in ${environment}: ${verdict.note}`,
        }),
      );
    }
  }
  const url = pageOf(portalUrl, results);
  await setOutputs(context.environment, { outcome, url });
  await addSummary(context.environment, summaryOf(environment, results));
}

function isWell(verdict: Verdict): boolean {
  return (
    verdict.state === 'done' &&
    (verdict.outcome === 'serving' || verdict.outcome === 'removed')
  );
}

function outcomeOf(results: DeployResult[]): string {
  const states = results.map(({ verdict }) => verdict.state);
  if (states.includes('failed')) return 'failed';
  if (states.includes('waiting')) return 'timed-out';
  return results.length === 0 ? 'unchanged' : 'done';
}

function sentenceOf(options: {
  environment: string;
  commit?: string;
  results: DeployResult[];
}): string {
  const { environment, commit, results } = options;
  const what = commit
    ? `what ${commit.slice(0, 12)} asks for`
    : 'what is wanted';
  const open = results.filter(({ verdict }) => verdict.state !== 'done');
  if (results.length === 0) {
    return commit
      ? `${commit.slice(0, 12)} changed nothing in ${environment}`
      : `nothing is wanted in ${environment}`;
  }
  if (open.length === 0) return `${environment} serves ${what}`;
  const lines = open.map(
    ({ item, verdict }) => `  ${item.model}: ${verdict.note}`,
  );
  return [`${environment} does not serve ${what}:`, ...lines].join('\n');
}

function summaryOf(environment: string, results: DeployResult[]): string {
  const cell = (text: string) =>
    text.replaceAll(/[\r\n]+/g, ' ').replaceAll('|', '\\|');
  const rows = results.map(
    ({ item, verdict }) =>
      `| ${item.model} | ${verdict.version ?? ''} | ${
        'outcome' in verdict ? verdict.outcome : 'timed out'
      } | ${cell(verdict.note)} |`,
  );
  return [
    `### ${environment}`,
    '',
    ...(rows.length > 0
      ? [
          '| model | version | outcome | why |',
          '| --- | --- | --- | --- |',
          ...rows,
        ]
      : ['No manifest was changed.']),
  ].join('\n');
}

/** Where people see what came of it. */
function pageOf(portalUrl: string, results: DeployResult[]): string {
  return results.length === 1
    ? `${portalUrl}/ai-registry/models/${results[0].item.model}`
    : `${portalUrl}/ai-inference`;
}

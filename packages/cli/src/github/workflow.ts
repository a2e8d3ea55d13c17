import { appendFile, readFile } from 'node:fs/promises';
import type { CommandContext } from '../Command';

type Environment = CommandContext['environment'];

export function isWorkflow(environment: Environment): boolean {
  return environment.GITHUB_ACTIONS === 'true';
}

/** A line that GitHub shows beside the file, or at the top of the run. */
export function annotation(
  level: 'error' | 'warning' | 'notice',
  { message, file, line }: { message: string; file?: string; line?: number },
): string {
  const properties = [
    ...(file === undefined ? [] : [`file=${escapeProperty(file)}`]),
    ...(line === undefined ? [] : [`line=${line}`]),
  ].join(',');
  return `::${level}${properties && ` ${properties}`}::${escapeData(message)}`;
}

/** A message of several lines, or one that looks like a command, is still one message. */
function escapeData(text: string): string {
  return text
    .replaceAll('%', '%25')
    .replaceAll('\r', '%0D')
    .replaceAll('\n', '%0A');
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}

/** Gives values to the steps that follow; nothing outside a workflow. */
export async function setOutputs(
  environment: Environment,
  outputs: Record<string, string | number>,
): Promise<void> {
  const file = environment.GITHUB_OUTPUT;
  if (!file) return;
  const lines = Object.entries(outputs).map(
    ([name, value]) => `${name}=${String(value).replaceAll(/[\r\n]+/g, ' ')}\n`,
  );
  await appendFile(file, lines.join(''));
}

/** Adds Markdown to the page of the run; nothing outside a workflow. */
export async function addSummary(
  environment: Environment,
  markdown: string,
): Promise<void> {
  const file = environment.GITHUB_STEP_SUMMARY;
  if (file) await appendFile(file, `${markdown}\n`);
}

/** The commit that a push began at; undefined for another event, and for a new branch. */
export async function pushedFrom(
  environment: Environment,
  commit: string,
): Promise<string | undefined> {
  const file = environment.GITHUB_EVENT_PATH;
  if (!file || environment.GITHUB_EVENT_NAME !== 'push') return undefined;
  try {
    const { before, after } = JSON.parse(await readFile(file, 'utf8'));
    return after === commit &&
      typeof before === 'string' &&
      !/^0*$/.test(before)
      ? before
      : undefined;
  } catch {
    return undefined;
  }
}

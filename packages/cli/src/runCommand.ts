import { parseArgs } from 'node:util';
import { version } from '../package.json';
import type { Command, CommandContext, Words } from './Command';
import { CommandError, EXIT_CODES_HELP, usageError } from './CommandError';
import { changesCommand } from './changes/changesCommand';
import { createCompletionCommand } from './completion/createCompletionCommand';
import { connectionsCommand } from './connections/connectionsCommand';
import { deployCommand } from './deploy/deployCommand';
import { importCommand } from './import/importCommand';
import { modelsCommand } from './models/modelsCommand';
import { withoutControls } from './output/table';
import { promoteCommand } from './promote/promoteCommand';
import { registerCommand } from './register/registerCommand';
import { runsCommand } from './runs/runsCommand';
import { trainCommand } from './train/trainCommand';
import { validateCommand } from './validate/validateCommand';
import { versionsCommand } from './versions/versionsCommand';
import { waitCommand } from './wait/waitCommand';

/** In the order in which the program's help lists them. */
export const COMMANDS: Command[] = [
  changesCommand,
  createCompletionCommand(() => COMMANDS),
  connectionsCommand,
  deployCommand,
  importCommand,
  modelsCommand,
  promoteCommand,
  registerCommand,
  runsCommand,
  trainCommand,
  validateCommand,
  versionsCommand,
  waitCommand,
];

const ALWAYS = {
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean' },
} as const;

/** Runs a command. @returns the exit code; what there is to say was said */
export async function runCommand(context: CommandContext): Promise<number> {
  try {
    return (await run(context)) ?? 0;
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    context.complain(`greenroom: ${withoutControls(error.message)}`);
    return error.exitCode;
  }
}

async function run(context: CommandContext): Promise<number | void> {
  const [name, ...rest] = context.args;
  const command = COMMANDS.find(one => one.name === name);
  if (command) {
    const { words, help } = parse(command.options, rest);
    if (!help) return command.run(words, context);
    const action = command.actions?.find(
      one => one.name === words.positionals[0],
    );
    context.print(`${action?.help ?? command.help}\n\n${EXIT_CODES_HELP}`);
    return 0;
  }
  const { words, help } = parse({}, context.args);
  if (words.flag('version') || help) {
    context.print(help ? overview() : version);
    return 0;
  }
  const [topic] = words.positionals;
  throw usageError(
    topic === undefined ? 'expected a command' : `unknown: ${topic}`,
  );
}

function overview(): string {
  const width = Math.max(...COMMANDS.map(({ name }) => name.length));
  const lines = COMMANDS.map(
    ({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`,
  );
  const usages = COMMANDS.flatMap(({ help }) =>
    help.split('\n\n')[0].split('\n'),
  );
  return `${usages.join('\n')}

${lines.join('\n')}

greenroom COMMAND --help says all about one; greenroom --version what this is.
${EXIT_CODES_HELP}`;
}

function parse(
  options: Command['options'],
  args: string[],
): { words: Words; help: boolean } {
  try {
    const { values, positionals } = parseArgs({
      args,
      options: { ...options, ...ALWAYS },
      allowPositionals: true,
    });
    const given = values as Record<
      string,
      string | boolean | string[] | undefined
    >;
    return {
      help: given.help === true,
      words: {
        positionals,
        given: Object.keys(given),
        text: option => {
          const value = given[option];
          return typeof value === 'string' ? value : undefined;
        },
        texts: option => {
          const value = given[option];
          return Array.isArray(value) ? value : [];
        },
        flag: option => given[option] === true,
      },
    };
  } catch (error) {
    throw usageError(error instanceof Error ? error.message : String(error));
  }
}

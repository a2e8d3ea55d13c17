import { parseArgs } from 'node:util';
import { version } from '../package.json';
import type { Command, CommandContext, Words } from './Command';
import { CommandError, usageError } from './CommandError';
import { changesCommand } from './changes/changesCommand';
import { connectionsCommand } from './connections/connectionsCommand';
import { deployCommand } from './deploy/deployCommand';
import { importCommand } from './import/importCommand';
import { promoteCommand } from './promote/promoteCommand';
import { registerCommand } from './register/registerCommand';
import { validateCommand } from './validate/validateCommand';
import { waitCommand } from './wait/waitCommand';

/** In the order in which the program's help lists them. */
export const COMMANDS: Command[] = [
  changesCommand,
  connectionsCommand,
  deployCommand,
  importCommand,
  promoteCommand,
  registerCommand,
  validateCommand,
  waitCommand,
];

const ALWAYS = {
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean' },
} as const;

const ENDING = `Exit codes: 0 done, 1 it could not be done or was refused, 2 wrong usage, 3 waited
too long, 130 stopped by Ctrl+C`;

/** Runs a command. @returns the exit code; what there is to say was said */
export async function runCommand(context: CommandContext): Promise<number> {
  try {
    return (await run(context)) ?? 0;
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    context.complain(`greenroom: ${error.message}`);
    return error.exitCode;
  }
}

async function run(context: CommandContext): Promise<number | void> {
  const [name, ...rest] = context.args;
  const command = COMMANDS.find(one => one.name === name);
  if (command) {
    const { words, help } = parse(command.options, rest);
    if (!help) return command.run(words, context);
    context.print(`${command.help}\n\n${ENDING}`);
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
${ENDING}`;
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
    const given = values as Record<string, string | boolean | undefined>;
    return {
      help: given.help === true,
      words: {
        positionals,
        text: option =>
          typeof given[option] === 'string' ? given[option] : undefined,
        flag: option => given[option] === true,
      },
    };
  } catch (error) {
    throw usageError(error instanceof Error ? error.message : String(error));
  }
}

import { parseArgs } from 'node:util';
import { version } from '../package.json';
import { CommandError, EXIT_CODES } from './CommandError';
import { readSecret, type SecretInput } from './connections/readSecret';
import { SecretFolder, secretFolderOf } from './connections/SecretFolder';

/** What a command sees of the process that it runs in. */
export interface CommandContext {
  args: string[];
  environment: Record<string, string | undefined>;
  input: SecretInput;
  print(text: string): void;
  complain(text: string): void;
}

const HELP = `greenroom connections set NAME [--environment NAME | --directory FOLDER]
greenroom connections list [--environment NAME | --directory FOLDER]
greenroom connections remove NAME [--environment NAME | --directory FOLDER]

Keeps the secrets of connections on the machine of a data plane. A connection
names its secret as file:NAME in the portal's configuration
(greenroom.environments[].connections); the value never leaves this machine
but to the provider.

  set      reads the value from standard input, without showing it, and puts
           it into the folder for the data plane's user alone (mode 0600).
           A running data plane takes it within a second.
  list     names of the secrets that are there, never their values
  remove   takes one away

  --environment NAME  of the data plane: each environment has a folder of its
                      own, NAME/secrets in GREENROOM_DATA_DIR
                      (.data/data-plane where that is not set); without it
                      GREENROOM_ENVIRONMENT, or production
  --directory FOLDER  the folder of secrets itself, as GREENROOM_SECRETS_DIR
                      names it, too
  --help, --version

A key of several lines comes from its file:
  greenroom connections set vertex < service-account.json

Exit codes: 0 done, 1 it could not be done, 2 wrong usage, 130 stopped by Ctrl+C`;

const OPTIONS = {
  directory: { type: 'string' },
  environment: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean' },
} as const;

/** Runs a command. @returns the exit code; what there is to say was said */
export async function runCommand(context: CommandContext): Promise<number> {
  try {
    await run(context);
    return 0;
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    context.complain(`greenroom: ${error.message}`);
    return error.exitCode;
  }
}

async function run(context: CommandContext): Promise<void> {
  const { values, positionals } = parse(context.args);
  if (values.version) return context.print(version);
  if (values.help) return context.print(HELP);
  const [topic, action, name, ...more] = positionals;
  if (topic !== 'connections' || action === undefined) {
    throw usage(
      topic === undefined ? 'expected a command' : `unknown: ${topic}`,
    );
  }
  const folder = new SecretFolder(
    secretFolderOf(
      { directory: values.directory, environment: values.environment },
      context.environment,
    ),
  );
  const takesName = action !== 'list';
  if (takesName && name === undefined) {
    throw usage(`connections ${action}: expected a name`);
  }
  if (more.length > 0 || (!takesName && name !== undefined)) {
    throw usage(`connections ${action}: too many words`);
  }
  switch (action) {
    case 'set':
      folder.check(name);
      context.print(await folder.set(name, await readSecret(name, context)));
      return undefined;
    case 'list':
      for (const line of await folder.list()) context.print(line);
      return undefined;
    case 'remove':
      context.print(await folder.remove(name));
      return undefined;
    default:
      throw usage(`unknown: connections ${action}`);
  }
}

function parse(args: string[]) {
  try {
    return parseArgs({ args, options: OPTIONS, allowPositionals: true });
  } catch (error) {
    throw usage(error instanceof Error ? error.message : String(error));
  }
}

function usage(message: string): CommandError {
  return new CommandError(
    `${message}; greenroom --help says what there is`,
    EXIT_CODES.usage,
  );
}

import type {
  ActionOutline,
  CommandContext,
  Option,
  Options,
  Words,
} from '../Command';
import { PORTAL_HELP, PORTAL_OPTIONS } from '../Command';
import { usageError } from '../CommandError';
import { interrupt } from '../interrupt';
import { asFailure, Portal } from '../portal/Portal';

/** A word that an action takes. */
export interface Word {
  /** As usage shows it, such as MODEL. */
  name: string;
  /** As a message says that it is missing: `the name of a model`. */
  expected: string;
  isOptional?: boolean;
  /** Several may follow; only of the last word. */
  isRepeated?: boolean;
}

/** What an action works with. */
export interface Job {
  /** As messages call it: `models list`. */
  called: string;
  /** The action's own words, in order. */
  args: string[];
  words: Words;
  /** Made when it is asked for: what asks no portal needs neither its address nor a token. */
  readonly portal: Portal;
  context: CommandContext;
  isJson: boolean;
  /** Ends with Ctrl+C. */
  signal: AbortSignal;
}

/** One of the things that a command does, such as `list` of `greenroom models list`. */
export interface Action {
  name: string;
  /** What it does, in a line. */
  summary: string;
  /** What else there is to say; nothing when left out. */
  more?: string;
  words?: readonly Word[];
  /** Its own, besides those of every command that asks the portal. */
  options?: Options;
  /** @returns the exit code; 0 when nothing is given back */
  run(job: Job): Promise<number | void>;
}

/** How it is called: `greenroom models show MODEL`. */
function usageOf(command: string, { name, words = [] }: Action): string {
  const texts = words.map(({ name: word, isOptional, isRepeated }) => {
    const text = isRepeated ? `${word}...` : word;
    return isOptional ? `[${text}]` : text;
  });
  return ['greenroom', command, name, ...texts].join(' ');
}

function optionText(name: string, { type, value = 'VALUE' }: Option): string {
  return type === 'boolean' ? `--${name}` : `--${name} ${value}`;
}

/** What help and completions see of it. */
export function outlineOf(command: string, action: Action): ActionOutline {
  const { name, summary, more } = action;
  const usage = usageOf(command, action);
  const options = Object.entries(action.options ?? {});
  const texts = options.map(([own, declared]) => optionText(own, declared));
  const lines = options.map(([, declared], at) =>
    helpLines(texts[at], declared),
  );
  return {
    name,
    summary,
    usage,
    options: { ...action.options, ...PORTAL_OPTIONS },
    help: [
      wrap([usage, ...texts.map(text => `[${text}]`)].join(' '), { indent: 4 }),
      wrap(`It ${summary}.${more ? ` ${more}` : ''}`),
      [...lines, PORTAL_HELP].join('\n'),
    ].join('\n\n'),
  };
}

const HELP_COLUMN = 22;
const HELP_WIDTH = 80;

function helpLines(text: string, { help = '', choices }: Option): string {
  const says = choices ? `${help}: ${choices.join(', ')}` : help;
  const start = `  ${text}`.padEnd(HELP_COLUMN);
  const indent = ' '.repeat(HELP_COLUMN);
  const lines = wrap(says, { width: HELP_WIDTH - HELP_COLUMN }).split('\n');
  const isLong = start.length > HELP_COLUMN;
  return [
    ...(isLong ? [start] : []),
    ...lines.map((line, at) => (at === 0 && !isLong ? start : indent) + line),
  ].join('\n');
}

/** Breaks a text at spaces. */
export function wrap(
  text: string,
  options: { width?: number; indent?: number } = {},
): string {
  const { width = HELP_WIDTH, indent = 0 } = options;
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width) {
      lines[lines.length - 1] = `${last} ${word}`;
    } else {
      lines.push(lines.length > 0 ? ' '.repeat(indent) + word : word);
    }
  }
  return lines.join('\n');
}

/** Carries an action out, after its words and options have been looked at. */
export async function runAction(
  command: string,
  action: Action,
  { words, context }: { words: Words; context: CommandContext },
): Promise<number | void> {
  const called = `${command} ${action.name}`;
  const takes = { ...action.options, ...PORTAL_OPTIONS };
  const strange = words.given.find(option => !(option in takes));
  if (strange) throw usageError(`${called}: there is no --${strange}`);
  checkChoices(called, takes, words);
  const args = words.positionals.slice(1);
  checkWords(called, action.words ?? [], args);
  let portal: Portal | undefined;
  const interruption = interrupt(context);
  const { signal } = interruption;
  const isJson = words.flag('json');
  try {
    return await action.run({
      called,
      args,
      words,
      context,
      isJson,
      signal,
      get portal() {
        return (portal ??= Portal.of(words, context));
      },
    });
  } catch (error) {
    // What failed because it was stopped says so.
    signal.throwIfAborted();
    throw asFailure(error);
  } finally {
    interruption.release();
  }
}

function checkChoices(called: string, options: Options, words: Words): void {
  for (const [name, { choices }] of Object.entries(options)) {
    const text = words.text(name);
    if (!choices || text === undefined || choices.includes(text)) continue;
    throw usageError(
      `${called}: --${name} is '${text}': expected one of ${choices.join(
        ', ',
      )}`,
    );
  }
}

function checkWords(
  called: string,
  words: readonly Word[],
  args: string[],
): void {
  const missing = words[args.length];
  if (missing && !missing.isOptional) {
    throw usageError(`${called}: expected ${missing.expected}`);
  }
  if (args.length > words.length && !words.at(-1)?.isRepeated) {
    throw usageError(`${called}: too many words`);
  }
}

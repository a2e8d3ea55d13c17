import type { ParseArgsOptionDescriptor } from 'node:util';
import { usageError } from './CommandError';
import type { SecretInput } from './connections/readSecret';

/** What a command sees of the process that it runs in. */
export interface CommandContext {
  args: string[];
  environment: Record<string, string | undefined>;
  input: SecretInput;
  /** Where it was called; relative paths start there. The process's when left out. */
  directory?: string;
  /** Columns of the terminal that is printed to; undefined where it is none. */
  columns?: number;
  /** Pause between two looks at something that is waited for; 2 seconds when left out. */
  pollMillis?: number;
  /** Stops what takes long, and lets it say how far it came; Ctrl+C does where it is left out. */
  signal?: AbortSignal;
  print(text: string): void;
  complain(text: string): void;
}

/** What was written after a command's name. */
export interface Words {
  /** Without a dash, in order. */
  positionals: string[];
  text(option: string): string | undefined;
  /** All values of an option that may be given several times. */
  texts(option: string): string[];
  flag(option: string): boolean;
  /** Names of the options that were given. */
  given: string[];
}

/** An option as `parseArgs` takes it, with what help and completions say of it. */
export interface Option extends ParseArgsOptionDescriptor {
  /** What its value is called, such as NAME; VALUE when left out. */
  value?: string;
  /** What there is to choose from. */
  choices?: readonly string[];
  /** What it means, in a sentence without a full stop. */
  help?: string;
}

export type Options = Record<string, Option>;

/** What may stand after the name of a command, as help and completions see it. */
export interface ActionOutline {
  name: string;
  /** What it does, in a line. */
  summary: string;
  /** Those that it takes; all of the command when left out. */
  options?: Options;
  /** How it is called, without options. */
  usage?: string;
  /** All about it; the command's when left out. */
  help?: string;
}

/** A command of the program. */
export interface Command {
  name: string;
  /** What it does, in a line. */
  summary: string;
  /** All about it: how it is called, its options, what it prints. */
  help: string;
  options: Options;
  /** Its actions, where it has some: `list` of `greenroom models list`. */
  actions?: readonly ActionOutline[];
  /** @returns the exit code; 0 when nothing is given back */
  run(words: Words, context: CommandContext): Promise<number | void>;
}

/** Options of all commands that ask the portal. */
export const PORTAL_OPTIONS = {
  url: { type: 'string', value: 'URL', help: 'address of the portal' },
  audience: {
    type: 'string',
    value: 'TEXT',
    help: 'what a token of GitHub Actions is asked for',
  },
  json: { type: 'boolean', help: 'one JSON object on standard output' },
} as const satisfies Options;

/** What {@link PORTAL_OPTIONS} mean, for the help of commands. */
export const PORTAL_HELP = `  --url URL           of the portal, such as https://portal.example.com;
                      GREENROOM_URL when left out
  --audience TEXT     what a token of GitHub Actions is asked for; the portal's
                      URL when left out
  --json              one JSON object on standard output, all else on standard
                      error

The token comes from GREENROOM_TOKEN, or in GitHub Actions from the run itself,
where the job has the permission id-token: write and the portal trusts it.`;

/** @throws CommandError unless there are as many words as names for them */
export function expectWords(
  command: string,
  { positionals }: Words,
  names: string[],
): string[] {
  const missing = names[positionals.length];
  if (missing !== undefined) {
    throw usageError(`${command}: expected ${missing}`);
  }
  if (positionals.length > names.length) {
    throw usageError(`${command}: too many words`);
  }
  return positionals;
}

/** @throws CommandError that names the option */
export function required(
  command: string,
  words: Words,
  option: string,
): string {
  const value = words.text(option);
  if (value) return value;
  throw usageError(`${command}: expected --${option}`);
}

const UNITS = { s: 1_000, m: 60_000, h: 3_600_000 };
const LONGEST_MILLIS = 24 * 3_600_000;

/** Reads 90s, 30m or 2h. @throws CommandError that names the option */
export function durationMillis(
  command: string,
  words: Words,
  { option, fallback }: { option: string; fallback: string },
): number {
  const text = words.text(option) ?? fallback;
  const [, number, unit] = text.match(/^(\d{1,6})([smh])$/) ?? [];
  const millis = Number(number) * UNITS[unit as keyof typeof UNITS];
  if (millis > 0 && millis <= LONGEST_MILLIS) return millis;
  throw usageError(
    `${command}: --${option} is '${text}': expected a time such as 90s, 30m or 2h, at most 24h`,
  );
}

/** A whole number from 1. @throws CommandError that names it */
export function wholeNumber(
  command: string,
  { name, text }: { name: string; text: string },
): number {
  const value = Number(text);
  if (/^\d{1,9}$/.test(text) && value >= 1) return value;
  throw usageError(`${command}: ${name} is '${text}': expected a whole number`);
}

import type { Command, Option, Options } from '../Command';

/** An option as shells complete it. */
export interface OutlinedOption {
  /** With its dashes. */
  name: string;
  help: string;
  takesValue: boolean;
  /** Its value is the path of a file or folder. */
  isPath: boolean;
  choices: readonly string[];
}

/** What may be written at a place. */
export interface Place {
  /** Undefined before a command is named. */
  command?: string;
  /** Undefined before an action is named, and for a command without actions. */
  action?: string;
  /** Commands or actions that may follow; none where words of somebody's own do. */
  words: { name: string; summary: string }[];
  options: OutlinedOption[];
}

/** What a shell has to know of the program. */
export interface ProgramOutline {
  places: Place[];
  /** Commands that have actions. */
  commandsWithActions: string[];
  /** All options that a value follows, with their dashes. */
  optionsWithValue: string[];
}

const HELP: OutlinedOption = {
  name: '--help',
  help: 'says all about it',
  takesValue: false,
  isPath: false,
  choices: [],
};
const VERSION = { ...HELP, name: '--version', help: 'what this is' };
const PATHS = ['FILE', 'FOLDER', 'FILE|FOLDER'];

export function outlineProgram(commands: readonly Command[]): ProgramOutline {
  const places: Place[] = [
    { words: commands.map(nameAndSummary), options: [HELP, VERSION] },
    ...commands.flatMap(placesOf),
  ];
  const options = places.flatMap(place => place.options);
  return {
    places,
    commandsWithActions: commands
      .filter(({ actions = [] }) => actions.length > 0)
      .map(({ name }) => name),
    optionsWithValue: [
      ...new Set(options.filter(one => one.takesValue).map(({ name }) => name)),
    ].sort(),
  };
}

function placesOf({ name: command, actions = [], options }: Command): Place[] {
  return [
    { command, words: actions.map(nameAndSummary), options: outlined(options) },
    ...actions.map(({ name: action, options: own = options }) => ({
      command,
      action,
      words: [],
      options: outlined(own),
    })),
  ];
}

function nameAndSummary({ name, summary }: { name: string; summary: string }) {
  return { name, summary };
}

function outlined(options: Options): OutlinedOption[] {
  const own = Object.entries(options).map(([name, option]) => ({
    name: `--${name}`,
    help: option.help ?? '',
    takesValue: option.type === 'string',
    isPath: isPath(option),
    choices: option.choices ?? [],
  }));
  return [...own, HELP];
}

function isPath({ type, value = '' }: Option): boolean {
  return type === 'string' && PATHS.includes(value);
}

/** A text as one word of bash, zsh and sh. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

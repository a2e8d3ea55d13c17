import { type Command, PORTAL_HELP, PORTAL_OPTIONS } from '../Command';
import { usageError } from '../CommandError';
import { type Action, outlineOf, runAction } from './Action';

/** A command that does several things: its help, and what it takes, come from what they declare. */
export function commandOfActions(options: {
  name: string;
  /** What it is about, in a line. */
  summary: string;
  /** What else there is to say, in lines of 80 characters. */
  about: string;
  actions: readonly Action[];
}): Command {
  const { name, summary, about, actions } = options;
  const width = Math.max(...actions.map(action => action.name.length));
  const lines = actions.map(
    action => `  ${action.name.padEnd(width)}  ${action.summary}`,
  );
  const names = actions.map(action => action.name);
  return {
    name,
    summary,
    help: `greenroom ${name} ACTION

${about}

${lines.join('\n')}

greenroom ${name} ACTION --help says all about one.

${PORTAL_HELP}`,
    options: Object.assign(
      {},
      ...actions.map(action => action.options),
      PORTAL_OPTIONS,
    ),
    actions: actions.map(action => outlineOf(name, action)),
    async run(words, context) {
      const [called] = words.positionals;
      const action = actions.find(one => one.name === called);
      if (action) return runAction(name, action, { words, context });
      throw usageError(
        called === undefined
          ? `${name}: expected one of ${names.join(', ')}`
          : `unknown: ${name} ${called}; expected one of ${names.join(', ')}`,
      );
    },
  };
}

import { findAliasConflicts, type AliasClaim } from './findAliasConflicts';

const claim = (
  model: string,
  aliases: string[],
  environment = 'dev',
): AliasClaim => ({ environment, model, aliases });

function find(
  claims: AliasClaim[],
  held: AliasClaim[] = [],
  unreadable: string[] = [],
): Record<string, string> {
  const models = [...claims, ...unreadable.map(model => claim(model, []))];
  return Object.fromEntries(findAliasConflicts({ claims, held, models }));
}

const takenBy = (model: string, alias = 'x') =>
  `spec.languageModel.aliases.0: '${alias}' is an alias of '${model}' in dev: choose another one, or take it away there first`;

it('lets models have aliases of their own, and the same ones in other environments', () => {
  expect(find([claim('a', ['x', 'y']), claim('b', ['z'])])).toEqual({});
  expect(find([claim('a', ['x']), claim('b', ['x'], 'live')])).toEqual({});
});

it('refuses the name of a model, also one whose manifest cannot be read', () => {
  const isName =
    "spec.languageModel.aliases.1: 'b' is the name of a model in dev: choose another alias";
  expect(find([claim('a', ['x', 'b']), claim('b', [])])).toEqual({
    'dev/a': isName,
  });
  expect(find([claim('a', ['x', 'b'])], [], ['b'])).toEqual({
    'dev/a': isName,
  });
});

it('leaves an alias to the model that has it, and else to the first by name', () => {
  const both = [claim('a', ['x']), claim('b', ['x'])];
  expect(find(both)).toEqual({ 'dev/b': takenBy('a') });
  expect(find(both, [claim('b', ['x'])])).toEqual({ 'dev/a': takenBy('b') });
});

it('lets an alias move from one model to another in one commit', () => {
  expect(
    find([claim('a', ['x']), claim('b', [])], [claim('b', ['x'])]),
  ).toEqual({});
  expect(find([claim('a', ['x'])], [claim('gone', ['x'])])).toEqual({});
});

it('counts what stays in force of a manifest that is refused or cannot be read', () => {
  expect(find([claim('a', ['x'])], [claim('b', ['x'])], ['b'])).toEqual({
    'dev/a': takenBy('b'),
  });
  const held = [claim('b', ['x']), claim('c', ['y'])];
  const claims = [claim('a', ['x']), claim('b', ['y']), claim('c', ['y'])];
  expect(find(claims, held)).toEqual({
    'dev/b': takenBy('c', 'y'),
    'dev/a': takenBy('b'),
  });
});

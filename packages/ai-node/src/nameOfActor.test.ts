import { nameOfActor } from './nameOfActor';

it.each([
  ['user:default/ada', 'ada'],
  ['service:external:ci', 'service:external:ci'],
  ['plan', 'plan'],
])('shows %s as %s', (actor, name) => {
  expect(nameOfActor(actor)).toBe(name);
});

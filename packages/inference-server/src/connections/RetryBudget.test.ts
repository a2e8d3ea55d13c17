import { RetryBudget } from './RetryBudget';

it('grants ten to begin with, then one for five calls', () => {
  const budget = new RetryBudget();
  const spend = () => {
    let spent = 0;
    while (budget.spend()) spent++;
    return spent;
  };
  expect(spend()).toBe(10);
  for (let i = 0; i < 4; i++) budget.earn();
  expect(spend()).toBe(0);
  budget.earn();
  expect(spend()).toBe(1);
  for (let i = 0; i < 1_000; i++) budget.earn();
  expect(spend()).toBe(10);
});

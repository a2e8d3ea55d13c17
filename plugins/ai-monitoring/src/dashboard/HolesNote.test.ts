import { describeLoss } from './HolesNote';

it.each([
  [{ records: 1_200, samples: 30 }, '1,200 records and 30 copied rows'],
  [{ records: 1, samples: 1 }, '1 record and 1 copied row'],
  [{ records: 0, samples: 1 }, '1 copied row'],
])('says of %j that %s are lost', (lost, text) => {
  expect(describeLoss(lost)).toBe(text);
});
